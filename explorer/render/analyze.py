"""What was proved of a model, as text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from explorer.render.plain import WIDTH, number_of, paragraph
from explorer.render.report import heading
from explorer.symbolic.answers import (
    ActionText,
    Analysis,
    AnalysisAnswer,
    DeadAction,
    Enablers,
    ImpliedCondition,
    IndependenceText,
    SymmetryText,
)

SHOWN = 8
A = TypeVar("A", bound=ActionText)


def text(answer: AnalysisAnswer, everything: bool = False) -> str:
    """The whole answer; `everything`: without "and N more"."""
    shown = 10**9 if everything else SHOWN
    given = answer.analysis
    certificate = given.certificate
    out = [heading(answer.model, answer.parameters), ""]
    never = {i for i in certificate.dead}
    out.append(
        f"{number_of(given.actions, 'action')}; {number_of(len(certificate.invariants), 'invariant')} proved of "
        f"{certificate.candidates:,} candidates; {number_of(len(never), 'action')} can never fire"
    )
    out += [f"given up: {certificate.given_up}"] if certificate.given_up else []
    out += ["", *types(given, shown)]
    if certificate.proved:
        out += ["", "properties that no action can break: proved, no search is needed"]
        out += [f"  {name}" for name in certificate.proved]
    out += ["", *section("steps and assertions that never happen", given.never, shown, reasons)]
    out += [
        "",
        *section("conditions that hold whenever the rest of their step's do", given.implied, shown, condition),
    ]
    if given.no_effect:
        out += ["", *section("steps that change nothing", given.no_effect, shown, lambda r: [])]
    if given.duplicates:
        out += ["", f"actions that are the same: {len(given.duplicates)}"]
        out += [f"  {place(group[0])}, {len(group)} times" for group in given.duplicates[:shown]]
    out += ["", *independence(given.independence)]
    out += ["", *distances(given.goals)]
    out += ["", *symmetry(given.symmetry)]
    out += ["", *counters(given.invariants, shown)]
    asked = sum(certificate.queries.values()) + sum(given.independence.queries.values())
    asked += sum(given.queries.values())
    out += ["", f"{certificate.solver}: {asked:,} queries; one without an answer proves nothing"]
    return "\n".join(out) + "\n"


def types(given: Analysis, shown: int) -> Iterator[str]:
    if given.type_safe:
        yield "type-safe: no value leaves its range, no index its array"
        return
    yield f"not proved type-safe: {number_of(len(given.may_trap), 'action')} might leave a range, as far as the invariants say"
    yield from (f"  {place(r)}: {r.text}" for r in given.may_trap[:shown])
    yield from more(len(given.may_trap), shown)


def section(title: str, records: Sequence[A], shown: int, about: Callable[[A], Iterable[str]]) -> Iterator[str]:
    yield f"{title}: {len(records)}"
    for record in records[:shown]:
        yield f"  {place(record)}"
        yield from about(record)
    yield from more(len(records), shown)


def more(count: int, shown: int) -> Iterator[str]:
    if count > shown:
        yield f"  ... and {count - shown} more (--all lists them)"


def place(record: ActionText) -> str:
    """The step, and where it is in the source."""
    return f"{record.actor}: {record.label}  {os.path.basename(record.file)}:{record.line}"


def reasons(record: DeadAction) -> Iterator[str]:
    """What the guard of a dead action contradicts."""
    branches = ", ".join(record.branches)
    if branches:
        yield from detail(f"where {branches}")
    yield from detail("it needs " + " and ".join(record.guard))
    if record.invariants:
        also = f", and {record.more} more" if record.more else ""
        yield from detail("but always " + "; ".join(record.invariants) + also)


def condition(record: ImpliedCondition) -> Iterator[str]:
    yield from detail(record.condition)


def detail(line: str) -> list[str]:
    return paragraph(line, 6, 8, hyphens=True, cut=True)


def independence(given: IndependenceText) -> Iterator[str]:
    yield (
        f"independence: of {given.pairs:,} pairs of steps that can fire, {given.dependent_by_text:,} may depend on each "
        f"other by what they read and write, and {given.dependent:,} as far as z3 can tell"
    )
    movers = given.movers
    if movers:
        yield "steps that commute with every step of other actors: each could be one with the step before it or after it"
        yield from (f"  {m.actor}: {m.label}" for m in movers)


def distances(given: Sequence[Enablers]) -> Iterator[str]:
    yield "steps that can bring a property nearer to being broken (or reached)"
    width = max((len(g.name) for g in given), default=0)
    for goal in given:
        steps = f": {', '.join(goal.steps)}" if 0 < goal.proved <= 4 else ""
        line = f"  {goal.name:{width}}  {goal.proved} of {goal.by_text} that write what it reads{steps}"
        yield from paragraph(line, 0, width + 4, WIDTH + 10, hyphens=True, cut=True)


def symmetry(given: SymmetryText) -> Iterator[str]:
    certified = given.certified
    if certified:
        yield "symmetry: certified for the exchanges " + ", ".join(f"{a} and {b}" for a, b in certified)
    else:
        yield "symmetry: none is certified"
    for reason in given.refused:
        yield from paragraph(reason, 2, 4, hyphens=True, cut=True)


def counters(invariants: Sequence[str], shown: int) -> Iterator[str]:
    yield f"invariants, those about most variables first: {len(invariants)}"
    for line in invariants[: max(shown, 1)]:
        yield from paragraph(line, 2, 6, hyphens=True, cut=True)
    yield from more(len(invariants), shown)
