"""From a path of the search to a Trace that CPython has replayed."""

from __future__ import annotations

import ast
import linecache
import os
from collections.abc import Iterable
from typing import Any

from explorer.answer.trace import Origin, Step, TakenBranch, Trace
from explorer.errors import ExplorerError, ModelError, Place, ScheduleError, shown_file
from explorer.errors.blame import place_of_error, shown_error
from explorer.language.model import Model, opens_of
from explorer.language.picture import Picture
from explorer.language.properties import Property
from explorer.lowering.source import parsed_file
from explorer.search.fairness import demander
from explorer.search.outcome import Execution
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.assertions import assertions
from explorer.system.form import LIVENESS, Action, Failure, System
from explorer.system.semantics import Semantics, evaluate, failure_text
from explorer.system.states import variables
from explorer.witness.lasso import complaint
from explorer.witness.run import Blocked, Fault, Move, Run, enumerate_moves


class Disagreement(ExplorerError):
    """The search and CPython disagree about a run: a fault of this tool. Never shown as a result."""

    exit_code = 70


def short(file: str) -> str:
    """A source file as output names it, the same in every checkout: ``models/linux/anon.py``; a user's own relative to
    the working directory where it is below it."""
    package = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
    return file[len(package) :] if file.startswith(package) else shown_file(file)


def schedule_text(action: Action) -> str:
    """The action as a schedule writes it."""
    return demander(action) + (":" + ",".join(f"{k}={v}" for k, v in action.choices) if action.choices else "")


def open_values(system: System, state: tuple[int, ...], model: Model) -> dict[str, Any]:
    """The values of the rules left open, in that state."""
    result = {}
    for name, (owner, rule) in opens_of(model).items():
        cell = system.cells[system.index(f"{owner}.{name}")]
        shown = cell.domain.show(state[system.index(f"{owner}.{name}")])
        result[name] = next(v for v in rule.values if getattr(v, "name", str(v)).lower() == shown)
    return result


def make_trace(
    model: Model,
    system: System,
    path: Execution,
    name: str,
    *,
    claim: Property | None,
    violated: bool,
    harm: str,
    reproduce: str = "",
    undefined: bool = False,
) -> Trace:
    """The trace of a path, after CPython has replayed it and agreed at every step.

    `undefined`: it ends where the claim can't be evaluated. Raises Disagreement where it does not.
    """
    shown = [variables(system, s) for s in path.states]
    steps: list[Step] = []
    constants = open_values(system, path.states[0], model)
    run = Run(model, constants)
    pictures: list[list[Picture]] = [[] for part in model.parts.values() if hasattr(part, "picture")]

    def look() -> None:
        for pages, part in zip(pictures, [p for p in model.parts.values() if hasattr(p, "picture")], strict=True):
            with run.hooks():
                try:
                    pages.append(part.picture())
                except Exception as e:  # whatever the user's function raises
                    raise ModelError(
                        f"the picture of {part.part_name} fails: {shown_error(e)}", place_of_error(e)
                    ) from e

    silent = {f"{owner}.{rule}" for rule, (owner, _) in opens_of(model).items()}  # CPython has the record of rules

    def agree(position: int, ours: dict[str, str]) -> None:
        theirs = run.variables()
        for variable, value in ours.items():
            if variable not in silent and theirs.get(variable) != value:
                raise Disagreement(
                    f"after step {position} of the run for {name}, the search has {variable} = {value} and CPython "
                    f"{theirs.get(variable, 'has no such variable')}"
                )
        lost = sorted(theirs.keys() - ours.keys() - ghosts(model, theirs))
        if lost:
            raise Disagreement(f"after step {position} of the run for {name}, the search does not have {lost[0]}")

    try:
        agree(0, shown[0])
        look()
        for position, index in enumerate(path.actions):
            action = system.actions[index]
            who = demander(action)
            last = position + 1 == len(path.states)
            failure = ""
            try:
                if not run.enabled(who):
                    raise Disagreement(
                        f"step {position + 1} of the run for {name}, {who}, is not enabled under CPython"
                    )
                if run.next_step(who) != action.label:
                    raise Disagreement(
                        f"step {position + 1} of the run for {name}, {who}, is {action.label!r} in the search and "
                        f"{run.next_step(who)!r} under CPython"
                    )
                run.take(who, named=list(action.choices))
                if last:
                    raise Disagreement(
                        f"step {position + 1} of the run for {name} fails in the search but not under CPython"
                    )
            except Blocked:
                raise Disagreement(
                    f"step {position + 1} of the run for {name}, {who}, has nothing to choose from under CPython"
                ) from None
            except ScheduleError as e:
                raise Disagreement(
                    f"step {position + 1} of the run for {name}, {who}, chooses otherwise under CPython: {e}"
                ) from e
            except Fault as fault:
                if not last or action.failure is None or not is_it(system, action.failure, fault):
                    expected = (
                        "" if action.failure is None or not last else f", and in the search: {action.failure.text}"
                    )
                    raise Disagreement(
                        f"step {position + 1} of the run for {name} fails under CPython: {fault.kind} {fault}{expected}"
                    ) from fault
                failure = failure_text(action.failure, path.states[position])
            after = shown[position] if last else shown[position + 1]
            if not last:
                agree(position + 1, after)
                look()
            steps.append(taken_step(action, shown[position], after, failure))
        confirm(run, system, name, claim, violated, path, undefined)
    finally:
        run.close()
    if path.loop is not None and claim is not None and violated:
        moves = [Move(demander(a), a.choices) for a in (system.actions[i] for i in path.actions)]
        wrong = complaint(model, constants, moves, path.loop, claim, lambda variable: variable not in shown[0])
        if wrong:
            raise Disagreement(f"the search says that {name} is violated for ever, but under CPython {wrong}")
    actors = [t.name for t in model.threads]
    actors += [r.actor for r in model.actions if r.actor not in actors]
    acting = {s.actor for s in steps}
    return Trace(
        model.name,
        name,
        violated,
        harm,
        tuple(steps),
        shown[0],
        tuple(shown[1:]),
        tuple(tuple(p) for p in pictures),
        tuple(a for a in dict.fromkeys(actors) if a in acting),
        reproduce,
        note=left_over(system, path),
        loop=path.loop,
        origin=Origin(model, system, claim, undefined),
    )


def left_over(system: System, path: Execution) -> str:
    """Who could move while a run goes on for ever, and never has to: what fairness leaves open."""
    if path.loop is None:
        return ""
    semantics = Semantics(system)
    moving = {demander(system.actions[i]) for i in path.actions[path.loop :]}
    found: dict[str, None] = {}
    for state in path.states[path.loop :]:
        for index, _ in semantics.successors(state):
            action = system.actions[index]
            if action.outcome != "blocked" and demander(action) not in moving:
                why = "possible now and then, and the fairness is weak" if action.fairness == "weak" else "no fairness"
                found[f"{action.actor} ({action.label}: {'voluntary' if action.voluntary else why})"] = None
    return f"Who could move and never has to: {', '.join(found)}." if found else ""


def taken_step(action: Action, before: dict[str, str], after: dict[str, str], failure: str = "") -> Step:
    """The step of a trace that an action is; the variables before and after it, and what went wrong in it."""
    return Step(
        action.actor,
        action.label,
        action.function,
        action.kernel,
        action.stack,
        short(action.span.file),
        action.span.line,
        tuple(TakenBranch(b.text, b.line, b.outcome, short(b.file), b.function) for b in action.branches),
        action.choices,
        schedule_text(action),
        {k: (before[k], v) for k, v in after.items() if before.get(k) != v},
        failure,
    )


def is_it(system: System, given: Failure, fault: Fault) -> bool:
    """Whether CPython's fault is that failure: of its kind, on its line where CPython was on one of the model's; for an assertion
    at its place, and, where one place fails with several texts, with its text."""
    at = place_of_error(fault.__cause__ or fault)
    if given.kind != fault.kind:
        return False
    if given.kind != "assert":  # what a step stores is looked at when it has ended, in no place
        return at is None or (at.file, at.line) == (given.span.file, given.span.line)
    if at is None or assert_place(at) != (given.span.file, given.span.line, given.span.column):
        return False
    texts = {a.failure.text for a in system.actions if a.failure is not None and a.failure.span == given.span}
    said = [t for t in texts if fault.text == t or fault.text.startswith(f"{t}\n")]  # pytest adds lines of its own
    return not said or given.text in said


def assert_place(at: Place) -> tuple[str, int, int]:
    """File, line and column (in bytes) of the assert statement at the place; of the place itself where there is none."""
    here = at.line, len(at.text[: at.column].encode())
    for node in ast.walk(parsed_file(at.file, "".join(linecache.getlines(at.file))).tree):
        if isinstance(node, ast.Assert) and (node.lineno, node.col_offset) <= here < (
            node.end_lineno or 0,
            node.end_col_offset or 0,
        ):
            return at.file, node.lineno, node.col_offset
    return at.file, *here


def ghosts(model: Model, names: Iterable[str]) -> set[str]:
    """Those of the variables that are history alone: where no property reads it, the search leaves it out."""
    known = {f"{part.part_name}.{n}" for part in model.parts.values() for n, d in part.part_state.items() if d.ghost}
    return {name for name in names if name.split("[")[0] in known}


def confirm(
    run: Run,
    system: System,
    name: str,
    claim: Property | None,
    violated: bool,
    path: Execution,
    undefined: bool = False,
) -> None:
    """CPython agrees that the last state (or step) shows what the search says it shows."""
    if undefined and claim is not None:
        try:
            run.holds(claim)
        except Fault as fault:
            state, before = path.states[-1], path.states[-2:][0]
            ours = [
                f
                for p in system.properties
                if p.name == claim.name
                for e, f in p.undefined
                if evaluate(e, state, before)
            ]
            if any(is_it(system, f, fault) for f in ours):
                return
            raise Disagreement(f"{claim.name} can't be evaluated under CPython for another reason: {fault}") from fault
        raise Disagreement(f"{claim.name} can't be evaluated in the search, but under CPython it can")
    if name in (ASSERTIONS, *assertions(system)) and len(path.states) > len(path.actions):
        raise Disagreement(f"the run for {name} ends in no failing step")
    if name == DEADLOCK:
        if not enumerate_moves(run.model, run.taken, run.constants).deadlocked:
            raise Disagreement("the search reports a deadlock, but under CPython somebody can move")
    elif name == ASSERTIONS or claim is None:
        return
    elif claim.kind == "always_step" and not path.actions:
        raise Disagreement(f"{name} speaks about steps, and the run has none")
    elif claim.kind in LIVENESS:
        return  # witness/lasso.py looks at the whole run
    elif run.holds(claim) == violated:
        raise Disagreement(f"{name} is {'violated' if violated else 'reached'} in the search but not under CPython")
