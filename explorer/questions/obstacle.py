"""A step that breaks an induction, as a trace of one step with the pictures of memory before and after it.

The state before it is any state that the lemmas allow, so nobody has replayed a way to it: the trace says so.
"""

from __future__ import annotations

from typing import Any

from explorer.answer.counterexample import taken_step
from explorer.answer.trace import Trace
from explorer.language.model import Model
from explorer.language.sorts import state_text
from explorer.symbolic.answers import BreakingStep
from explorer.system.form import System
from explorer.system.semantics import Semantics, State
from explorer.system.states import variables
from explorer.witness.run import Run


def obstacle(model: Model, system: System, failure: BreakingStep) -> Trace:
    """The trace of a step that breaks a claim, in the state that z3 gave.

    Raises LookupError where a variable has no value in it: a record that is there, with a field that is not.
    """
    assert failure.codes is not None
    before: State = failure.codes
    index = failure.action
    after = next(t for i, t in Semantics(system).successors(before) if i == index and t is not None)
    shown = [variables(system, s) for s in (before, after)]
    action = system.actions[index]
    drawing = [part for part in model.parts.values() if hasattr(part, "picture")]
    pictures: list[list[Any]] = [[] for _ in drawing]
    run = Run(model)
    try:
        for state in shown:
            put(run, state)
            with run.hooks():
                for pages, part in zip(pictures, drawing, strict=True):
                    pages.append(part.picture())
    finally:
        run.close()
    return Trace(
        model.name,
        failure.claim,
        True,
        f"after it, {failure.claim} is false",
        (taken_step(action, shown[0], shown[1]),),
        shown[0],
        (shown[1],),
        tuple(tuple(pages) for pages in pictures),
        (action.actor,),
        from_start=False,
    )


def put(run: Run, state: dict[str, str]) -> None:
    """Give the variables of a run the values of these texts."""
    for name, index in run.store:
        inside = ",".join(map(state_text, index)) if isinstance(index, tuple) else state_text(index)
        variable = name if index is None else f"{name}[{inside}]"
        if variable in state:
            values = run.members(run.sorts[name])
            found = [v for v in values if state_text(v, run.sorts[name]) == state[variable]]
            if not found:
                raise LookupError(f"{variable} can't be {state[variable]}")
            run.store[name, index] = found[0]
