"""What was proved of a model, as text, from the plain data of the answer alone."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from typing import Any, TypeAlias

from explorer.render.report import counted, heading

Record: TypeAlias = dict[str, Any]
WIDTH = 100
SHOWN = 8


def text(given: Record, everything: bool = False) -> str:
    """The whole answer; `everything`: without "and N more"."""
    shown = 10**9 if everything else SHOWN
    certificate = given["certificate"]
    out = [heading(given["model"], given["parameters"]), ""]
    never = {i for i in certificate["dead"]}
    out.append(
        f"{counted(given['actions'], 'action')}; {counted(len(certificate['invariants']), 'invariant')} proved of "
        f"{certificate['candidates']:,} candidates; {counted(len(never), 'action')} can never fire"
    )
    out += [f"given up: {certificate['given_up']}"] if certificate["given_up"] else []
    out += ["", *types(given, shown)]
    if certificate["proved"]:
        out += ["", "properties that no action can break: proved, no search is needed"]
        out += [f"  {name}" for name in certificate["proved"]]
    out += ["", *section("steps and assertions that never happen", given["never"], shown, reasons)]
    out += [
        "",
        *section("conditions that hold whenever the rest of their step's do", given["implied"], shown, condition),
    ]
    if given["no_effect"]:
        out += ["", *section("steps that change nothing", given["no_effect"], shown, lambda r: [])]
    if given["duplicates"]:
        out += ["", f"actions that are the same: {len(given['duplicates'])}"]
        out += [f"  {place(group[0])}, {len(group)} times" for group in given["duplicates"][:shown]]
    out += ["", *commuting(given["independence"])]
    out += ["", *distances(given["goals"])]
    out += ["", *symmetry(given["symmetry"])]
    out += ["", *counters(given["invariants"], shown)]
    asked = sum(certificate["queries"].values()) + sum(given["independence"]["queries"].values())
    asked += sum(given["queries"].values())
    out += ["", f"{certificate['solver']}: {asked:,} queries; one without an answer proves nothing"]
    return "\n".join(out) + "\n"


def types(given: Record, shown: int) -> Iterator[str]:
    if given["type_safe"]:
        yield "type-safe: no value leaves its range, no index its array"
        return
    yield f"not proved type-safe: {counted(len(given['may_trap']), 'action')} might leave a range, as far as the invariants say"
    yield from (f"  {place(r)}: {r['text']}" for r in given["may_trap"][:shown])
    yield from more(len(given["may_trap"]), shown)


def section(title: str, records: list[Record], shown: int, about: Any) -> Iterator[str]:
    yield f"{title}: {len(records)}"
    for record in records[:shown]:
        yield f"  {place(record)}"
        yield from about(record)
    yield from more(len(records), shown)


def more(count: int, shown: int) -> Iterator[str]:
    if count > shown:
        yield f"  ... and {count - shown} more (--all lists them)"


def place(record: Record) -> str:
    """The step, and where it is in the source."""
    return f"{record['actor']}: {record['label']}  {os.path.basename(record['file'])}:{record['line']}"


def reasons(record: Record) -> Iterator[str]:
    """What the guard of a dead action contradicts."""
    branches = ", ".join(record["branches"])
    if branches:
        yield from wrapped(f"where {branches}")
    yield from wrapped("it needs " + " and ".join(record["guard"]))
    if record["invariants"]:
        also = f", and {record['more']} more" if record.get("more") else ""
        yield from wrapped("but always " + "; ".join(record["invariants"]) + also)


def condition(record: Record) -> Iterator[str]:
    yield from wrapped(record["condition"])


def wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, initial_indent="      ", subsequent_indent="        ")


def commuting(given: Record) -> Iterator[str]:
    yield (
        f"independence: of {given['pairs']:,} pairs of steps that can fire, {given['dependent_by_text']:,} may depend on each "
        f"other by what they read and write, and {given['dependent']:,} as far as z3 can tell"
    )
    movers = given["commute_with_all_others"]
    if movers:
        yield "steps that commute with every step of other actors: each could be one with the step before it or after it"
        yield from (f"  {m['actor']}: {m['label']}" for m in movers)


def distances(given: list[Record]) -> Iterator[str]:
    yield "steps that can bring a property nearer to being broken (or reached)"
    width = max((len(g["property"]) for g in given), default=0)
    for goal in given:
        steps = f": {', '.join(goal['steps'])}" if 0 < goal["proved"] <= 4 else ""
        line = f"  {goal['property']:{width}}  {goal['proved']} of {goal['by_text']} that write what it reads{steps}"
        yield from textwrap.wrap(line, WIDTH + 10, subsequent_indent=" " * (width + 4))


def symmetry(given: Record) -> Iterator[str]:
    certified = given["certified"]
    if certified:
        yield "symmetry: certified for the exchanges " + ", ".join(f"{a} and {b}" for a, b in certified)
    else:
        yield "symmetry: none is certified"
    for reason in given["refused"]:
        yield from textwrap.wrap(reason, WIDTH, initial_indent="  ", subsequent_indent="    ")


def counters(invariants: list[str], shown: int) -> Iterator[str]:
    yield f"invariants, those about most variables first: {len(invariants)}"
    for line in invariants[: max(shown, 1)]:
        yield from textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="      ")
    yield from more(len(invariants), shown)
