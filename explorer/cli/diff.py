"""explore diff: the rules that changed between two kernels, and which verdicts on a model."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from explorer.cli.options import build_model, natural, seconds

if TYPE_CHECKING:
    from explorer.answer.result import PropertyResult, Result
    from explorer.models.linux.history import Commit
    from explorer.models.linux.kernels import Kernel, Rule

EPILOG = """examples:
  explore diff v5.8 v5.10                             rules that changed, and the commits
  explore diff v5.10 v5.11 --model rdma_fork -p gup_fast=on -p thread2=pins
  explore diff v5.11 v5.11+write_protect_seq=off --model rdma_fork
Exit code: 3 if the model is in error, 130 interrupted, 4 if a verdict is bounded, else 0."""
WIDTH = 100


def arguments(parser: argparse.ArgumentParser) -> None:
    kernel = "a kernel, as v5.8 or v5.11+write_protect_seq=off"
    parser.add_argument("old", metavar="OLD", help=kernel)
    parser.add_argument("new", metavar="NEW", help=kernel)
    parser.add_argument(
        "--model", metavar="NAME|FILE.py:FUNCTION", help="explore this model on both, and say which verdicts differ"
    )
    parser.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter of the model; may be repeated",
    )
    parser.add_argument("--property", action="append", metavar="NAME", help="compare only this one; may be repeated")
    parser.add_argument("--depth", type=natural, metavar="N", help="check the first N steps only")
    parser.add_argument("--max-states", type=natural, metavar="N", help="stop each search after about N states")
    parser.add_argument("--max-seconds", type=seconds, metavar="S", help="stop each search after about S seconds")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")


def run(options: argparse.Namespace) -> int:
    from explorer.errors import UsageError
    from explorer.models.linux.kernels import kernel

    old, new = kernel(options.old), kernel(options.new)
    if options.old.strip() == options.new.strip():
        raise UsageError(f"diff compares two different kernels, and both are {options.old}")
    if options.model is None:
        for name in ("parameters", "property", "depth", "max_states", "max_seconds"):
            if getattr(options, name) not in (None, []):
                given = "-p" if name == "parameters" else "--" + name.replace("_", "-")
                raise UsageError(f"{given} is about a model: say which with --model")
    rules = changed_rules(old, new)
    results = None if options.model is None else (explored(options, old), explored(options, new))
    if options.format == "json":
        print(json.dumps(as_json(old, new, rules, results), indent=1))
    else:
        print("\n".join(text(old, new, rules, results)))
    return 0 if results is None else exit_code(results)


def explored(options: argparse.Namespace, kernel: Kernel) -> Result:
    """What a search of the model says on the kernel."""
    from explorer.answer.checking import check
    from explorer.cli.run import Meter

    model = build_model(argparse.Namespace(model=options.model, parameters=options.parameters, kernel=kernel.name))
    meter = Meter(sys.stderr.isatty())
    try:
        return check(
            model,
            depth=options.depth,
            properties=options.property,
            max_states=options.max_states,
            max_seconds=options.max_seconds,
            progress=meter if meter.on else None,
        )
    finally:
        meter.clear()


def exit_code(results: tuple[Result, Result]) -> int:
    if any(r.error for r in results):
        return 3
    if any(r.stopped == "interrupt" for r in results):
        return 130
    return 0 if all(r.complete for r in results) else 4


# ---------------------------------------------------------------- what changed


def changed_rules(old: Kernel, new: Kernel) -> list[tuple[Rule, Any, Any]]:
    """The rules whose values differ, each with both values."""
    from explorer.models.linux.kernels import RULES, rules_of

    before, after = rules_of(old), rules_of(new)
    return [(r, before[r.name], after[r.name]) for r in RULES.values() if before[r.name] != after[r.name]]


def commits_between(rule: Rule, old: Kernel, new: Kernel) -> list[Commit]:
    """The commits on the rule that one of the two versions has and the other has not."""
    from explorer.models.linux.history import changing, parse_version

    at = parse_version(old.version), parse_version(new.version)
    return [c for c in changing(rule.name) if c.in_force(at[0]) != c.in_force(at[1])]


def changed_back(old: Kernel, new: Kernel) -> list[Rule]:
    """The rules that have the same value in both, but not in between."""
    from explorer.models.linux.kernels import RULES

    aside = {rule.name for rule, _, _ in changed_rules(old, new)} | old.changed().keys() | new.changed().keys()
    return [r for r in RULES.values() if r.name not in aside and commits_between(r, old, new)]


def verdicts(results: tuple[Result, Result]) -> list[tuple[str, PropertyResult | None, PropertyResult | None]]:
    """Each property with what was found on either side; None where it was not asked."""
    sides = [{p.name: p for p in result.named} for result in results]
    return [(name, sides[0].get(name), sides[1].get(name)) for name in dict.fromkeys([*sides[0], *sides[1]])]


def differ(old: PropertyResult | None, new: PropertyResult | None) -> bool:
    return old is None or new is None or old.verdict is not new.verdict


def witness(old: PropertyResult | None, new: PropertyResult | None) -> PropertyResult | None:
    """The side on which alone the property is violated."""
    from explorer.answer.result import Verdict

    broken = [p for p in (old, new) if p is not None and p.verdict is Verdict.VIOLATED]
    return broken[0] if len(broken) == 1 else None


# ---------------------------------------------------------------- as text


def text(
    old: Kernel, new: Kernel, rules: list[tuple[Rule, Any, Any]], results: tuple[Result, Result] | None
) -> list[str]:
    from explorer.models.linux.kernels import shown

    count = f"{len(rules)} rule{'s' * (len(rules) != 1)} changed" if rules else "no rule changed"
    lines = [f"{old} to {new}: {count}"]
    for rule, before, after in rules:
        lines += ["", f"  {rule.name}: {shown(before)} -> {shown(after)}", *wrapped(f"{rule.sentence}; {rule.at}")]
        commits = commits_between(rule, old, new)
        lines += [line for commit in commits for line in wrapped(fixes(commit))]
        by_hand = [f"+{rule.name}={shown(v)}" for k, v in ((old, before), (new, after)) if rule.name in k.changed()]
        lines += wrapped(f"as given: {', '.join(by_hand)}") if by_hand else []
    back = changed_back(old, new)
    if back:
        lines += ["", f"  the same in both, but not in between: {', '.join(r.name for r in back)}"]
        for commit in dict.fromkeys(c for r in back for c in commits_between(r, old, new)):
            lines += wrapped(fixes(commit))
    lines += recalled_lines(recalled(old, new, rules))
    return lines if results is None else [*lines, "", *compared(old, new, results)]


def fixes(commit: Commit) -> str:
    """``70e806e4e645 ("mm: Do early cow for pinned pages during fork() for ptes") v5.9-rc8 [R]``"""
    return f'{commit.id} ("{commit.subject}") {commit.releases} [{commit.tag}]'


def recalled(old: Kernel, new: Kernel, rules: list[tuple[Rule, Any, Any]]) -> list[str]:
    """What the list of changed rules owes to recalled facts."""
    names = [rule.name for rule, _, _ in rules]
    return [*old.assumptions_of(names), *new.assumptions_of(names)]


def recalled_lines(facts: list[str]) -> list[str]:
    return ["", *(f"rests on a recalled fact: {fact}" for fact in facts)] if facts else []


def compared(old: Kernel, new: Kernel, results: tuple[Result, Result]) -> list[str]:
    """The verdicts that differ, the run for each that is violated on one side only, and how far the searches went."""
    from explorer.render.report import ending, found, heading

    for kernel, result in zip((old, new), results, strict=True):
        if result.error:
            return [f"the model is in error on {kernel}: {result.error}"]
    parameters = {name: value for name, value in results[0].parameters.items() if name != "kernel"}
    every = verdicts(results)
    rows = [(name, *(str(p or "not asked") for p in pair)) for name, *pair in every if differ(*pair)]
    lines = [heading(results[0].model, parameters), ""]
    mentioned = read_rules(old, new, results)
    lines += textwrap.wrap(
        f"of the rules that changed it reads: {', '.join(mentioned) or 'none'}", WIDTH, subsequent_indent="  "
    )
    if rows:
        table = [("", str(old), str(new)), *rows]
        widths = [max(len(row[column]) for row in table) for column in range(3)]
        lines += ["  " + "  ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in table]
    same = [name for name, *pair in every if not differ(*pair)]
    lines += textwrap.wrap(f"the same verdict: {', '.join(same) or 'none'}", WIDTH, subsequent_indent="  ")
    for kernel, result in zip((old, new), results, strict=True):
        lines.append(f"{kernel}: {result.states:,} states, {ending(result)}, {result.seconds:.1f} s")
    lines += recalled_lines(list(dict.fromkeys(fact for result in results for fact in result.recalled)))[1:]
    for _, *pair in every:
        given = witness(*pair)
        if given is not None:
            where = old if given is pair[0] else new
            lines += ["", f"on {where}, {found(given)}"]
    return lines


def read_rules(old: Kernel, new: Kernel, results: tuple[Result, Result]) -> list[str]:
    """The changed rules that the model reads on either kernel."""
    read = {name for result in results if result.source for name in result.source[0].rules_read.names(type(old))}
    return [rule.name for rule, _, _ in changed_rules(old, new) if rule.name in read]


def wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 8)


# ---------------------------------------------------------------- as JSON


def as_json(
    old: Kernel, new: Kernel, rules: list[tuple[Rule, Any, Any]], results: tuple[Result, Result] | None
) -> dict[str, Any]:
    """The answer as one object; docs/json.md says what is in it."""
    from explorer.models.linux.kernels import shown

    def commits(rule: Rule) -> list[dict[str, Any]]:
        return [
            {
                "id": c.id,
                "subject": c.subject,
                "release": c.release,
                "stable": [b.first for b in c.backports],
                "tag": c.tag,
                "value": c.rules[rule.name],
            }
            for c in commits_between(rule, old, new)
        ]

    return {
        "schema": 1,
        "old": str(old),
        "new": str(new),
        "rules": [
            {
                "name": rule.name,
                "old": shown(before),
                "new": shown(after),
                "sentence": rule.sentence,
                "function": rule.at,
                "commits": commits(rule),
            }
            for rule, before, after in rules
        ],
        "recalled": recalled(old, new, rules),
        "model": None if results is None else results[0].model,
        "read": [] if results is None else read_rules(old, new, results),
        "complete": results is None or all(r.complete for r in results),
        "verdicts": [] if results is None else [verdict_json(name, *pair) for name, *pair in verdicts(results)],
        "results": None if results is None else {k: summary(r) for k, r in zip(("old", "new"), results, strict=True)},
    }


def verdict_json(name: str, old: PropertyResult | None, new: PropertyResult | None) -> dict[str, Any]:
    given = witness(old, new)
    return {
        "property": name,
        "old": None if old is None else str(old),
        "new": None if new is None else str(new),
        "differ": differ(old, new),
        "trace": None if given is None else given.to_json()["trace"],
    }


def summary(result: Result) -> dict[str, Any]:
    """The figures of one side."""
    whole = result.to_json()
    names = ("kernel", "parameters", "engine", "complete", "stopped", "depth", "states", "transitions", "seconds")
    return {name: whole[name] for name in (*names, "recalled", "error")}
