"""Runs of a litmus test that end in a kernel BUG: the machine stops there, and that is an end state too."""

from __future__ import annotations

import dataclasses

from explorer.search.outcome import Execution
from explorer.system.form import Apply, Cell, Constant, Domain, Failure, Read, System

BUG = "kernel BUG"  # what the text of such an assertion begins with


def is_bug(failure: Failure | None) -> bool:
    """The kernel itself stops there; any other failed assertion is a mistake of the model."""
    return failure is not None and failure.kind == "assert" and failure.text.startswith(BUG)


def texts(system: System) -> list[str]:
    """What the kernel may stop with."""
    return list(dict.fromkeys(a.failure.text for a in system.actions if a.failure is not None and is_bug(a.failure)))


def stopping_system(system: System) -> System:
    """The system in which a BUG is a step, after which nobody moves: one more cell has the number of its text, from 1."""
    known, at = texts(system), len(system.cells)
    running = Apply("eq", (Read(at, "int"), Constant(0)))
    actions = []
    for action in system.actions:
        changed = dataclasses.replace(action, guard=Apply("and", (action.guard, running)))
        if action.failure is not None and is_bug(action.failure):
            number = Constant(1 + known.index(action.failure.text))
            changed = dataclasses.replace(changed, outcome="step", failure=None, updates=((at, number),))
        actions.append(changed)
    cell = Cell(BUG, Domain("range", 0, len(known)), (0,))
    return dataclasses.replace(system, cells=(*system.cells, cell), actions=tuple(actions))


def as_failure(path: Execution) -> Execution:
    """A run of the stopping system as one of the system it was made from, where a BUG leads to no state."""
    states = tuple(state[:-1] for state in path.states)
    return Execution(states[:-1] if path.states[-1][-1] else states, path.actions, path.loop)
