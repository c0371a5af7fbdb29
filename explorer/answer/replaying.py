"""Running a schedule: the string of a counterexample becomes a trace again."""

from __future__ import annotations

import dataclasses
import re
from functools import partial

from explorer.answer.checking import command, harm_of, select
from explorer.answer.counterexample import make_trace, schedule_text
from explorer.answer.trace import Trace
from explorer.errors import ScheduleError, UsageError
from explorer.language.model import Model
from explorer.lowering import lower
from explorer.search.fairness import Fairness
from explorer.search.outcome import Execution
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.form import LIVENESS, System
from explorer.system.semantics import Semantics, State, at_rest, failure_text, holds, predicate
from explorer.system.states import variables

MOST_STEPS = 1_000_000


def split(schedule: str) -> list[str]:
    """The steps of a schedule, those of its loop once. Raises ScheduleError for text that is no schedule."""
    return parse(schedule)[0]


def parse(schedule: str) -> tuple[list[str], int | None]:
    """The steps of a schedule, with ``parent*3`` written out, and the number of those before its loop, ``(parent/child)``.

    Raises ScheduleError for text that is no schedule.
    """
    steps: list[str] = []
    loop: int | None = None
    depth, start = 0, 0
    for at, character in enumerate(schedule + "/"):
        depth += (character in "([") - (character in ")]")
        if character == "/" and depth == 0:
            piece = schedule[start:at].strip()
            start = at + 1
            if loop is not None:
                raise ScheduleError(
                    f"nothing follows the loop of a schedule, which goes on for ever, but {piece!r} does"
                )
            if piece.startswith("(") and piece.endswith(")"):
                loop = len(steps)
                inside, nested = parse(piece[1:-1])
                if nested is not None:
                    raise ScheduleError("a schedule has one loop, at its end: ( stands in ( )")
                steps += inside
                continue
            if not piece:
                if schedule.strip():
                    raise ScheduleError("a schedule is steps joined by /; one of them is empty")
                continue
            match = re.fullmatch(r"(.*?)\*(\d+)", piece)
            if match and (len(match.group(2)) > 7 or len(steps) + int(match.group(2)) > MOST_STEPS):
                raise ScheduleError(f"a schedule has at most {MOST_STEPS:,} steps")
            steps += [match.group(1)] * int(match.group(2)) if match else [piece]
    if schedule[start:].strip():
        raise ScheduleError(f"a bracket is not closed, or closed twice, in {schedule[start:].strip()[:60]!r}")
    return steps, loop


def follow(system: System, schedule: str) -> list[Execution]:
    """The runs that a schedule describes: several only where they start from different values of open rules.

    Raises ScheduleError where a step does not fit, naming it and what was enabled.
    """
    semantics = Semantics(system)
    options: list[tuple[list[State], list[int]]] = [([s], []) for s in semantics.initial]
    steps, loop = parse(schedule)
    for position, step in enumerate(steps):
        following = []
        enabled: dict[str, None] = {}
        for states, actions in options:
            if len(states) == len(actions):
                continue
            for index, target in moves(semantics, states[-1]):
                text = schedule_text(system.actions[index])
                enabled[text] = None
                if text == step:
                    following.append(([*states, target] if target is not None else list(states), [*actions, index]))
        if not following:
            raise ScheduleError(
                f"step {position + 1} of the schedule, {step!r}, is not possible there; "
                f"enabled: {', '.join(enabled) or 'nothing'}"
            )
        options = following
    paths = [Execution(tuple(states), tuple(actions), loop) for states, actions in options]
    if loop is None:
        return paths
    closed = [p for p in paths if len(p.states) > len(p.actions) and p.states[-1] == p.states[loop]]
    if not closed:
        raise ScheduleError(
            f"the loop of the schedule does not lead back to where it begins, after step {loop}: it can't be repeated for ever"
        )
    return closed


def moves(semantics: Semantics, state: State) -> list[tuple[int, State | None]]:
    """What can be done in a state: actions and where they lead, None for one that fails."""
    actions = semantics.system.actions
    return [(i, t) for i, t in semantics.successors(state) if actions[i].outcome != "blocked"]


def replay(model: Model, schedule: str, name: str | None = None) -> tuple[Trace, list[str]]:
    """The trace of a schedule, executed by CPython, and the names of the properties that are violated at its end.

    The trace is about the property `name` if that is violated, or reached, at its end; else about the first violated.
    Raises ScheduleError where a step does not fit, naming it and what was enabled.
    """
    claims, _ = select(model, None if name is None else [name])
    system = lower(model, claims)
    path = follow(system, schedule)[0]
    state = path.states[-1]
    broken, note = endless(system, path)
    reached = []
    if len(path.states) == len(path.actions) + 1:
        before = path.states[-2:][0]
        values = holds(system, system.properties)(state, before)
        for prop, value in zip(system.properties, values, strict=True):
            if prop.kind == "reachable" and value:
                reached.append(prop.name)
            elif not value and (prop.kind == "always" or prop.kind == "always_step" and path.actions):
                broken.append(prop.name)
        if name in (None, DEADLOCK) and not moves(Semantics(system), state) and not at_rest(system, state):
            broken.append(DEADLOCK)
    else:
        failure = system.actions[path.actions[-1]].failure
        assert failure is not None
        broken.append(ASSERTIONS if failure.kind == "assert" else failure_text(failure, state))
    about = name if name in [*broken, *reached] else broken[0] if broken else ""
    claim = next((c for c in claims if c.name == about), None)
    trace = make_trace(
        model,
        system,
        path,
        about or "the schedule",
        claim=claim,
        violated=about in broken,
        harm=harm_of(system, claim, about, path) if claim or about in (ASSERTIONS, DEADLOCK) else about,
        reproduce=command(model, system, path),
    )
    return dataclasses.replace(trace, claim=about, note=note or trace.note), broken


def endless(system: System, path: Execution) -> tuple[list[str], str]:
    """The liveness properties that a run violates which goes on for ever; none, and why, where the run is not fair."""
    if path.loop is None:
        return [], ""
    fairness, semantics = Fairness(system), Semantics(system)
    taken = 0
    for action in path.actions[path.loop :]:
        taken |= fairness.bits[action]
    unmet = fairness.unmet(map(partial(possible, fairness, semantics), path.states[path.loop :]), taken)
    if unmet:
        who = sorted({d.who for i, d in enumerate(fairness.demands) if unmet >> i & 1})
        return [], f"No fair run goes on like this: {', '.join(who)} can move and never does, but has to."
    broken = []
    for prop in system.properties:
        if prop.kind in LIVENESS:
            test = predicate([prop.trigger, prop.holds])
            waiting = False
            for at, state in enumerate(path.states):
                asks, comes = test(state, state)
                waiting = not comes and (waiting or asks and (prop.kind == "leads_to" or at == 0))
            # where it comes in the loop it comes again and again
            if waiting and not any(test(s, s)[1] for s in path.states[path.loop :]):
                broken.append(prop.name)
    return broken, ""


def possible(fairness: Fairness, semantics: Semantics, state: State) -> int:
    """The demands that could be met in a state, as bits."""
    found = 0
    for action, _ in moves(semantics, state):
        found |= fairness.bits[action]
    return found


def again(trace: Trace) -> Trace:
    """The run of a trace once more, executed by CPython and compared with the search. Raises UsageError without origin."""
    if trace.origin is None:
        raise UsageError("this trace was not made by check() or replay() in this process, so its model is not known")
    origin = trace.origin
    paths = follow(origin.system, trace.schedule)
    return make_trace(
        origin.model,
        origin.system,
        next(p for p in paths if variables(origin.system, p.states[0]) == trace.initial),
        trace.claim,
        claim=origin.claim,
        violated=trace.violated,
        harm=trace.harm,
        reproduce=trace.reproduce,
        undefined=origin.undefined,
    )
