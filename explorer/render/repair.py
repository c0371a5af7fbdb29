"""What makes a property hold, as text, from the plain data of the answer alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, TypeAlias

from explorer.render.family import settings, wrap
from explorer.render.report import counted, heading

Record: TypeAlias = dict[str, Any]


def text(given: Record, traces: bool = False) -> str:
    """Each repair with its commits and what it costs; then why nothing less is one. `traces`: with the diagrams."""
    return beginning(given) + listed_sets(given["repairs"], 0) + ending(given, traces)


def beginning(given: Record) -> str:
    """What is asked, and whether there is something to repair."""
    at = "" if given["depth"] is None else f" at depth {given['depth']}"
    out = [heading(given["model"], given["parameters"]), "", f"{given['property']}: {given['verdict']}{at}"]
    return "\n".join(out) + "\n"


def listed_sets(repairs: list[Record], before: int) -> str:
    """Least sets of changes, numbered after the `before` that stand there already."""
    out: list[str] = []
    for number, one in enumerate(repairs, before + 1):
        out += ["", *(["least sets of changes that make it hold", ""] if number == 1 else []), *repaired(number, one)]
    return "".join(f"{line}\n" for line in out)


def ending(given: Record, traces: bool = False) -> str:
    """Over which settings the answer speaks, and why no others are repairs."""
    if given["verdict"] != "violated":
        return "\n".join(["", *considered(given), "", "nothing to repair"]) + "\n"
    out = ["", *claim(given), *considered(given)]
    if given["counterexamples"]:
        out += [
            "",
            f"ruled out by {counted(len(given['counterexamples']), 'counterexample')}, each possible wherever",
        ]
    for letter, one in zip(letters(), given["counterexamples"], strict=False):
        end = f": {one['error']}" if one["error"] else ""
        for first, cube in enumerate(one["cubes"]):
            steps = "" if first else f"  ({counted(one['depth'], 'step')}{end})"
            out += wrap(
                f"{f'{letter}.' if not first else 'or'} {settings(cube) or 'anything'}{steps}", 5 if first else 2, 6
            )
        if traces:
            out += ["", textwrap.indent(one["diagram"].rstrip(), "    "), "", f"    {one['replay']}", ""]
    for none in given["no_model"]:
        out += ["", *wrap(f"not asked where {settings(none['cube']) or 'anything'}: {none['reason']}", 0, 4)]
    out += ["", *undone(given), ""] if given["repairs"] else [""]
    out.append(
        f"{counted(given['searches'], 'setting')} searched" + ("" if given["complete"] else ", and a bound was reached")
        if not given["interrupted"]
        else f"interrupted: {counted(given['searches'], 'setting')} searched"
    )
    return "\n".join(out) + "\n"


def claim(given: Record) -> list[str]:
    """What is known of all settings together."""
    left, found = given["left"], len(given["repairs"])
    rules = ", ".join(v["name"] for v in given["vary"]) or "no rule"
    where = f"{counted(left['of'], 'setting')} of {rules}"
    if left["settings"]:
        sets = (
            f"{counted(found, 'least set')} of changes found so far"
            if found
            else "no change found so far makes it hold"
        )
        rest = f"{left['settings']:,} of {where} are left, and what they have changes {counted(left['changes'], 'rule')} or more"
        return wrap(f"{sets}: {rest}", 0, 4)
    bound = "" if given["complete"] or given["interrupted"] else "as far as the bound, "
    if found:
        return wrap(f"{bound}no others: looked at in all {where}", 0, 4)
    return wrap(f"{bound}no change of these rules makes it hold: looked at in all {where}", 0, 4)


def considered(given: Record) -> list[str]:
    """Which rules these are, and which were not considered."""
    apart = [v["name"] for v in given["vary"] if v["apart"]]
    out: list[str] = []
    if given["every"]:
        but = ", but those named next" if given["not_considered"] else ""
        out += [f"these are all rules that the model reads in any of these settings{but}"]
    if apart:
        out += wrap(f"what is built depends on {', '.join(apart)}: a system for each of their values", 0, 4)
    if given["unread"]:
        out += wrap(f"read nowhere: {', '.join(given['unread'])}", 0, 4)
    for reason in dict.fromkeys(n["reason"] for n in given["not_considered"]):
        names = [n["rule"] for n in given["not_considered"] if n["reason"] == reason]
        out += wrap(f"not considered ({reason}): {', '.join(names)}", 0, 4)
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


def repaired(number: int, one: Record) -> list[str]:
    out: list[str] = []
    changes = ", ".join(f"{c['rule']}={c['value']}" for c in one["changes"])
    out += wrap(f"{number}. {changes}", 0, 4)
    for change in one["changes"]:
        if change.get("sentence"):
            out += wrap(f"{change['rule']}: {change['sentence']}", 3, 7)
        for commit in change.get("commits", ()):
            out += wrap(f"{commit['id']} {commit['subject']} ({commit['releases']}) [{commit['tag']}]", 5, 9)
        if "commits" in change and not change["commits"]:
            out.append(f"     no commit of the history makes it {change['value']}")
    if one["error"]:
        out += wrap(f"the model is then in error: {one['error'].splitlines()[0]}", 3, 7)
    elif one["verdict"] != "holds":
        out += wrap(f"{one['verdict']}: a bound was reached", 3, 7)
    if one["fixes"] is None:
        return [*out, "   what it costs was not looked at"]
    out += wrap(f"also repairs {listed(one['fixes'])}" if one["fixes"] else "repairs nothing else", 3, 7)
    out += wrap(f"breaks {listed(one['breaks'])}" if one["breaks"] else "breaks nothing", 3, 7)
    return out


def listed(found: list[Record]) -> str:
    def said(one: Record) -> str:
        if one["verdict"] == "violated":
            return f"{one['property']} (violated at depth {one['depth']})"
        return str(one["property"]) if one["verdict"] == "holds" else f"{one['property']} ({one['verdict']})"

    return ", ".join(map(said, found))


def undone(given: Record) -> list[str]:
    """Whether more changes undo a repair."""
    checked = given["checked"]
    if checked is None:
        return wrap(f"whether more changes can undo a repair was not looked at: {given['not_checked']}", 0, 4)
    where = f"{counted(checked['settings'], 'setting')} of {', '.join(checked['rules'])}"
    if not checked["undone"]:
        return wrap(f"more changes undo no repair: looked at in all {where}", 0, 4)
    out = wrap(f"more changes can undo a repair: in {checked['undone']} of {where}, as", 0, 4)
    return out + [line for h in checked["hurts"] for line in wrap(f"{', '.join(h['repair'])} and {h['change']}", 2, 6)]
