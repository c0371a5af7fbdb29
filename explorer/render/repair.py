"""What makes a property hold, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from explorer.answer.repair import OtherVerdict, Repair, RepairAnswer, Standing
from explorer.answer.result import Verdict
from explorer.render.family import cube_text
from explorer.render.plain import number_of, paragraph
from explorer.render.report import heading


def text(given: RepairAnswer, traces: bool = False) -> str:
    """Each repair with its commits and what it costs; then why nothing less is one. `traces`: with the diagrams."""
    return beginning(given) + listed_sets(given.repairs, 0) + ending(given, traces)


def beginning(given: Standing) -> str:
    """What is asked, and whether there is something to repair."""
    at = "" if given.depth is None else f" at depth {given.depth}"
    out = [heading(given.model, given.parameters), "", f"{given.name}: {given.verdict.value}{at}"]
    return "\n".join(out) + "\n"


def listed_sets(repairs: Sequence[Repair], before: int) -> str:
    """Least sets of changes, numbered after the `before` that stand there already."""
    out: list[str] = []
    for number, one in enumerate(repairs, before + 1):
        out += [
            "",
            *(["least sets of changes that make it hold", ""] if number == 1 else []),
            *repair_lines(number, one),
        ]
    return "".join(f"{line}\n" for line in out)


def ending(given: RepairAnswer, traces: bool = False) -> str:
    """Over which settings the answer speaks, and why no others are repairs."""
    if given.verdict is not Verdict.VIOLATED:
        return "\n".join(["", *rules_considered(given), "", "nothing to repair"]) + "\n"
    out = ["", *claim(given), *rules_considered(given)]
    if given.counterexamples:
        out += [
            "",
            f"ruled out by {number_of(len(given.counterexamples), 'counterexample')}, each possible wherever",
        ]
    for letter, one in zip(letters(), given.counterexamples, strict=False):
        end = f": {one.error}" if one.error else ""
        for first, cube in enumerate(one.cubes):
            steps = "" if first else f"  ({number_of(one.depth, 'step')}{end})"
            out += paragraph(
                f"{f'{letter}.' if not first else 'or'} {cube_text(cube) or 'anything'}{steps}", 5 if first else 2, 6
            )
        if traces:
            out += ["", textwrap.indent(one.diagram.rstrip(), "    "), "", f"    {one.replay}", ""]
    for none in given.no_model:
        out += ["", *paragraph(f"not asked where {cube_text(none.cube) or 'anything'}: {none.reason}", 0, 4)]
    out += ["", *robustness(given), ""] if given.repairs else [""]
    out.append(
        f"{number_of(given.searches, 'setting')} searched" + ("" if given.complete else ", and a bound was reached")
        if not given.interrupted
        else f"interrupted: {number_of(given.searches, 'setting')} searched"
    )
    return "\n".join(out) + "\n"


def claim(given: RepairAnswer) -> list[str]:
    """What is known of all settings together."""
    left, found = given.left, len(given.repairs)
    rules = ", ".join(v.name for v in given.vary) or "no rule"
    where = f"{number_of(left.of, 'setting')} of {rules}"
    if left.count:
        sets = (
            f"{number_of(found, 'least set')} of changes found so far"
            if found
            else "no change found so far makes it hold"
        )
        rest = f"{left.count:,} of {where} are left, and what they have changes {number_of(left.changes or 0, 'rule')} or more"
        return paragraph(f"{sets}: {rest}", 0, 4)
    bound = "" if given.complete or given.interrupted else "as far as the bound, "
    if found:
        return paragraph(f"{bound}no others: looked at in all {where}", 0, 4)
    return paragraph(f"{bound}no change of these rules makes it hold: looked at in all {where}", 0, 4)


def rules_considered(given: RepairAnswer) -> list[str]:
    """Which rules these are, and which were not considered."""
    apart = [v.name for v in given.vary if v.apart]
    out: list[str] = []
    if given.every:
        but = ", but those named next" if given.not_considered else ""
        out += [f"these are all rules that the model reads in any of these settings{but}"]
    if apart:
        out += paragraph(f"what is built depends on {', '.join(apart)}: a system for each of their values", 0, 4)
    if given.unread:
        out += paragraph(f"read nowhere: {', '.join(given.unread)}", 0, 4)
    for reason in dict.fromkeys(n.reason for n in given.not_considered):
        names = [n.rule for n in given.not_considered if n.reason == reason]
        out += paragraph(f"not considered ({reason}): {', '.join(names)}", 0, 4)
    return out


def letters() -> Iterator[str]:
    """A, B, ..., Z, AA, AB, ..."""
    number = 0
    while True:
        number += 1
        name, rest = "", number
        while rest:
            rest, digit = divmod(rest - 1, 26)
            name = chr(ord("A") + digit) + name
        yield name


def repair_lines(number: int, one: Repair) -> list[str]:
    out: list[str] = []
    changes = ", ".join(f"{c.rule}={c.value}" for c in one.changes)
    out += paragraph(f"{number}. {changes}", 0, 4)
    for change in one.changes:
        if change.sentence:
            out += paragraph(f"{change.rule}: {change.sentence}", 3, 7)
        for commit in change.commits or ():
            out += paragraph(f"{commit.id} {commit.subject} ({commit.releases}) [{commit.tag}]", 5, 9)
        if change.commits == ():
            out.append(f"     no commit of the history makes it {change.value}")
    if one.error:
        out += paragraph(f"the model is then in error: {one.error.splitlines()[0]}", 3, 7)
    elif one.verdict is not Verdict.HOLDS:
        out += paragraph(f"{one.verdict.value}: a bound was reached", 3, 7)
    if one.fixes is None:
        return [*out, "   what it costs was not looked at"]
    out += paragraph(f"also repairs {verdict_list(one.fixes)}" if one.fixes else "repairs nothing else", 3, 7)
    out += paragraph(f"breaks {verdict_list(one.breaks)}" if one.breaks else "breaks nothing", 3, 7)
    return out


def verdict_list(found: Sequence[OtherVerdict]) -> str:
    def one_verdict(one: OtherVerdict) -> str:
        if one.verdict is Verdict.VIOLATED:
            return f"{one.name} (violated at depth {one.depth})"
        return one.name if one.verdict is Verdict.HOLDS else f"{one.name} ({one.verdict.value})"

    return ", ".join(map(one_verdict, found))


def robustness(given: RepairAnswer) -> list[str]:
    """Whether more changes undo a repair."""
    checked = given.checked
    if checked is None:
        return paragraph(f"whether more changes can undo a repair was not looked at: {given.not_checked}", 0, 4)
    where = f"{number_of(checked.count, 'setting')} of {', '.join(checked.rules)}"
    if not checked.undone:
        return paragraph(f"more changes undo no repair: looked at in all {where}", 0, 4)
    out = paragraph(f"more changes can undo a repair: in {checked.undone} of {where}, as", 0, 4)
    return out + [line for h in checked.hurts for line in paragraph(f"{', '.join(h.repair)} and {h.change}", 2, 6)]
