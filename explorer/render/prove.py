"""A proof by induction, or what stands in its way, as text."""

from __future__ import annotations

from explorer.answer.trace import Trace
from explorer.render.diagram import diagram
from explorer.render.plain import number_of, paragraph, wrap
from explorer.render.report import heading
from explorer.render.steps import steps_table
from explorer.symbolic.answers import BreakingStep, InductionAnswer, NotAtStart

NOTE = (
    "This is no run: the state before the step is one that the lemmas and invariants allow, and it may be unreachable. Then a "
    "lemma is missing that says so."
)


def text(answer: InductionAnswer, trace: Trace | None) -> str:
    """The verdict, the lemmas, and of each claim that a step may break the step; the first as a diagram with its state."""
    given = answer.induction
    out = [heading(answer.model, answer.parameters), ""]
    verdict = "proved" if given.proved else "not proved (which does not say that it is violated)"
    out.append(f"  {answer.name}  {verdict}")
    out += [f"  lemma {name}  {'proved' if good else 'not proved'}" for name, good in given.lemmas.items()]
    asked = sum(given.queries.values())
    out += ["", f"by induction, with {number_of(given.invariants, 'invariant')} found and proved; "
                f"{given.solver}: {asked:,} queries"]  # fmt: skip
    if given.given_up:
        out.append("too many queries were needed for the invariants: they were given up")
    for record in given.failures:
        out += ["", *broken_lines(record)]
    step = answer.breaking_step
    if step is not None and step.state is not None:
        out += ["", *wrap(NOTE, 75), "", "before the step, what differs from the start:"]
        width = max((len(name) for name in step.state), default=0)
        out += [f"  {name:{width}}  {value}" for name, value in step.state.items()]
    if trace is not None:
        out += ["", diagram(trace).rstrip("\n"), "", steps_table(trace).rstrip("\n")]
    return "\n".join(out) + "\n"


def broken_lines(record: NotAtStart | BreakingStep) -> list[str]:
    if isinstance(record, NotAtStart):
        return [f"{record.claim} is not known to hold at the start ({record.answer})"]
    why = "" if record.answer == "sat" else ": z3 gave no answer"
    lines = [f"{record.claim} may be broken by {record.actor}: {record.label}{why}"]
    branches = ", ".join(record.branches)
    return lines + (paragraph(f"where {branches}", 2, 4, 75, hyphens=True, cut=True) if branches else [])
