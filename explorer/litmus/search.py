"""The end states of a litmus test by a search of its lowered model; and the run that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explorer.answer.counterexample import make_trace
from explorer.answer.replaying import follow, moves
from explorer.answer.trace import Trace
from explorer.errors import ModelError, place_at
from explorer.language.model import Model
from explorer.litmus.bugs import BUG, as_failure, is_bug, stopping_system, texts
from explorer.litmus.observe import Observation, Row, observe, others, satisfies
from explorer.litmus.program import OutOfFrames, Program
from explorer.litmus.runs import REGISTERS
from explorer.lowering import lower
from explorer.search.ends import end_states
from explorer.search.outcome import Bounds, Ends, Engine, Listener, Outcome, Resources, Task
from explorer.search.reference import ASSERTIONS
from explorer.system.form import System
from explorer.system.semantics import Semantics, State, failure_text, predicate
from explorer.system.wellformed import check as check_system


def table_of_search(
    program: Program,
    model: Model,
    witness: bool,
    bounds: Bounds,
    engine: Engine,
    resources: Resources,
    listener: Listener,
) -> tuple[Observation, str, Trace | None]:
    """What `explore` gives: the table, why not every run was followed, and the run where one is asked for."""
    system = lower(model)
    check_system(system)
    exists, looked_for = program.quantifier == "exists", program.quantifier != "forall"

    def ends_of(explored: System) -> tuple[Seer, Ends]:
        seer = Seer(program, explored, texts(system))

        def decides(state: State) -> bool:
            return satisfies(program, seer.row(state)) == looked_for

        return seer, end_states(Task(explored, bounds, engine, resources), decides if witness else None, listener)

    seen, found = ends_of(system)
    assertion = found.outcome.paths.get(ASSERTIONS)
    if assertion is not None and is_bug(system.actions[assertion.actions[-1]].failure):
        seen, found = ends_of(stopping_system(system))
        found = found if found.path is None else replace(found, path=as_failure(found.path))
    check_faultless(system, found.outcome)
    complete = found.outcome.complete
    observation = observe(program, map(seen.row, found.states), complete)
    trace = None
    if found.path is not None:
        trace = make_trace(
            model,
            system,
            found.path,
            str(program.condition) if exists else f"{program.quantifier} ({program.condition})",
            claim=None,
            violated=not exists,
            harm=f"in the end {program.condition}" if looked_for else f"in the end not {program.condition}",
        )
    return observation, "" if complete else found.outcome.stopped, trace


def replay_schedule(program: Program, model: Model, schedule: str, reproduce: str) -> tuple[Trace, Row, bool]:
    """The trace of a schedule, executed by CPython; what the test sees at its end; and whether somebody can move there.

    Raises ScheduleError where a step does not fit, naming it and what was enabled.
    """
    system = lower(model)
    path = follow(system, schedule)[0]
    state = path.states[-1]
    failed = len(path.states) == len(path.actions)
    failure = system.actions[path.actions[-1]].failure if failed else None
    row = replace(Seer(program, system).row(state), bug=failure_text(failure, state) if failure is not None else "")
    harm = f"{'' if satisfies(program, row) else 'not '}{program.condition}"
    trace = make_trace(model, system, path, "the schedule", claim=None, violated=False, harm=harm, reproduce=reproduce)
    return trace, row, not failed and bool(moves(Semantics(system), state))


class Seer:
    """What a test sees of an end state. `bugs`: the texts of kernel BUGs, if the system is a stopping one."""

    def __init__(self, program: Program, system: System, bugs: Sequence[str] = ()) -> None:
        self.bugs, self.bug = bugs, next((i for i, cell in enumerate(system.cells) if cell.name == BUG), None)
        self.results = program.results
        self.cells = [i for i, cell in enumerate(system.cells) if cell.variable.startswith(f"{REGISTERS}[")]
        named = {p.name: p for p in system.properties}
        atoms = [named[str(atom)] for atom in others(program)]
        self.truth = predicate([p.holds for p in atoms])
        self.failures = [failure for p in atoms for _, failure in p.undefined]
        self.undefined = predicate([e for p in atoms for e, _ in p.undefined])

    def row(self, state: State) -> Row:
        for wrong, failure in zip(self.undefined(state, state), self.failures, strict=True):
            if wrong:
                at = failure.span
                raise ModelError(failure_text(failure, state), place_at(at.file, at.line, at.column, at.end_column))
        codes = [state[cell] for cell in self.cells]
        held = tuple(self.results[code] if code < len(self.results) else "-" for code in codes)
        bug = self.bugs[state[self.bug] - 1] if self.bug is not None and state[self.bug] else ""
        return Row(held, tuple(map(bool, self.truth(state, state))), bug)


def check_faultless(system: System, outcome: Outcome) -> None:
    """Raise ModelError where a run leaves the model: its end states would say less than there is."""
    if outcome.error is not None:
        assert outcome.error_path is not None
        at = outcome.error.span
        text = failure_text(outcome.error, outcome.error_path.states[-1])
        raise ModelError(text, place_at(at.file, at.line, at.column, at.end_column))
    if ASSERTIONS in outcome.paths:
        failure = system.actions[outcome.paths[ASSERTIONS].actions[-1]].failure
        assert failure is not None
        at = failure.span
        where = place_at(at.file, at.line, at.column, at.end_column)
        raise ModelError(f"an assertion of the kernel fails: {failure.text}", where)
    for index in outcome.blocked:
        action = system.actions[index]
        assert action.failure is not None
        raise OutOfFrames(f"{action.actor} could not do {action.label!r}: {action.failure.text}")
