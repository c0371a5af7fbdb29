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
    out = [heading(given["model"], given["parameters"]), ""]
    at = "" if given["depth"] is None else f" at depth {given['depth']}"
    out.append(f"{given['property']}: {given['verdict']}{at}")
    out += wrap(f"rules that may change: {', '.join(v['name'] for v in given['vary']) or 'none'}", 0, 4)
    if given["settled"]:
        names = ", ".join(given["settled"])
        out += wrap(f"left as they are, since they decide what is built: {names}", 0, 4)
    if given["verdict"] != "violated":
        return "\n".join([*out, "", "nothing to repair"]) + "\n"
    count = len(given["repairs"])
    many = "1 least set of changes makes" if count == 1 else f"{count} least sets of changes make"
    out += ["", f"{many} it hold" if count else "no change of these rules makes it hold"]
    for number, one in enumerate(given["repairs"], 1):
        out += ["", *repaired(number, one)]
    if given["counterexamples"]:
        out += [
            "",
            f"nothing less does: {counted(len(given['counterexamples']), 'counterexample')}, each possible wherever",
        ]
    for letter, one in zip(letters(), given["counterexamples"], strict=False):
        end = f": {one['error']}" if one["error"] else ""
        out += wrap(f"{letter}. {settings(one['cube']) or 'anything'}  ({counted(one['depth'], 'step')}{end})", 2, 6)
        if traces:
            out += ["", textwrap.indent(one["diagram"].rstrip(), "    "), "", f"    {one['replay']}", ""]
    out += ["", *undone(given["checked"], given["repairs"]), ""]
    out.append(
        f"{counted(given['searches'], 'setting')} searched" + ("" if given["complete"] else ", and a bound was reached")
    )
    if given["interrupted"]:
        out.append("interrupted: there may be more repairs")
    return "\n".join(out) + "\n"


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
    out += wrap(f"also repairs {listed(one['fixes'])}" if one["fixes"] else "repairs nothing else", 3, 7)
    out += wrap(f"breaks {listed(one['breaks'])}" if one["breaks"] else "breaks nothing", 3, 7)
    return out


def listed(found: list[Record]) -> str:
    def said(one: Record) -> str:
        if one["verdict"] == "violated":
            return f"{one['property']} (violated at depth {one['depth']})"
        return str(one["property"]) if one["verdict"] == "holds" else f"{one['property']} ({one['verdict']})"

    return ", ".join(map(said, found))


def undone(checked: Record | None, repairs: list[Record]) -> list[str]:
    """Whether more changes undo a repair."""
    if checked is None:
        return ["whether more changes can undo a repair was not looked at"] if repairs else []
    where = f"{counted(checked['settings'], 'setting')} of {', '.join(checked['rules'])}"
    if not checked["undone"]:
        return wrap(f"more changes undo no repair: looked at in all {where}", 0, 4)
    out = wrap(f"more changes can undo a repair: in {checked['undone']} of {where}, as", 0, 4)
    return out + [line for h in checked["hurts"] for line in wrap(f"{', '.join(h['repair'])} and {h['change']}", 2, 6)]
