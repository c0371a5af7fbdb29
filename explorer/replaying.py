"""Running a schedule: the string of a counterexample becomes a trace again."""

from __future__ import annotations

import re

from explorer.checking import command, harm_of, select
from explorer.counterexample import make_trace, schedule_text
from explorer.errors import ScheduleError
from explorer.language.model import Model
from explorer.lowering import lower
from explorer.search.outcome import Path
from explorer.semantics import Semantics, holds, told
from explorer.trace import Trace


def split(schedule: str) -> list[str]:
    """The steps of a schedule, with ``parent*3`` written out. Raises ScheduleError for text that is no schedule."""
    steps: list[str] = []
    depth, start = 0, 0
    for at, character in enumerate(schedule + "/"):
        depth += (character in "([") - (character in ")]")
        if character == "/" and depth == 0:
            piece = schedule[start:at].strip()
            start = at + 1
            if not piece:
                if schedule.strip():
                    raise ScheduleError("a schedule is steps joined by /; one of them is empty")
                continue
            match = re.fullmatch(r"(.*?)\*(\d+)", piece)
            steps += [match.group(1)] * int(match.group(2)) if match else [piece]
    return steps


def replay(model: Model, schedule: str, name: str | None = None) -> tuple[Trace, list[str]]:
    """The trace of a schedule, executed by CPython, and the names of the properties that are violated at its end.

    Raises ScheduleError where a step does not fit, naming it and what was enabled.
    """
    claims, _ = select(model, None if name is None else [name])
    system = lower(model, claims)
    semantics = Semantics(system)
    options: list[tuple[list[tuple[int, ...]], list[int]]] = [([s], []) for s in semantics.initial]
    for position, step in enumerate(split(schedule)):
        following = []
        enabled: dict[str, None] = {}
        for states, actions in options:
            if len(states) == len(actions):
                continue
            for index, target in semantics.successors(states[-1]):
                action = system.actions[index]
                if action.outcome == "blocked":
                    continue
                text = schedule_text(action)
                enabled[text] = None
                if text == step:
                    following.append(([*states, target] if target is not None else list(states), [*actions, index]))
        if not following:
            raise ScheduleError(
                f"step {position + 1} of the schedule, {step!r}, is not possible there; "
                f"enabled: {', '.join(enabled) or 'nothing'}"
            )
        options = following
    states, actions = options[0]
    path = Path(tuple(states), tuple(actions))
    broken = []
    if claims and len(states) == len(actions) + 1:
        before = states[-2] if len(states) > 1 else states[-1]
        values = holds(system, system.properties)(states[-1], before)
        for prop, value in zip(system.properties, values, strict=True):
            if not value and (prop.kind == "always" or prop.kind == "always_step" and len(states) > 1):
                broken.append(prop.name)
    if len(states) == len(actions) and actions:
        failure = system.actions[actions[-1]].failure
        assert failure is not None
        broken.append("assertions" if failure.kind == "assert" else told(failure, states[-1]))
    claim = next((c for c in claims if c.name in broken), None)
    harm = harm_of(system, claim, claim.name, path) if claim is not None else ", ".join(broken)
    title = broken[0] if broken else "replay"
    trace = make_trace(
        model,
        system,
        path,
        title,
        claim=claim,
        violated=bool(broken),
        harm=harm,
        reproduce=command(model, system, path),
    )
    return trace, broken
