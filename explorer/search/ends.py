"""End states: every reachable state in which nobody can move, whether its threads are at rest or not."""

from __future__ import annotations

import dataclasses

from explorer.search import reference
from explorer.search.engine import by_engine
from explorer.search.outcome import NOBODY, Ends, Listener, Task, Wanted
from explorer.system.semantics import State


def end_states(task: Task, wanted: Wanted | None = None, listener: Listener = NOBODY) -> Ends:
    """Explore the system of the task and give all its end states; its properties are not looked at.

    `wanted`: to which of them a run is asked for. Engines as in `engine.search`.
    """
    # nobody is at rest: so a search takes every state without a move for a deadlock
    restless = tuple(dataclasses.replace(t, finished=None, may_wait=()) for t in task.system.threads)
    bare = dataclasses.replace(
        task,
        system=dataclasses.replace(task.system, threads=restless, properties=()),
        engine=task.engine if restless else "evaluator",  # without a thread nobody is restless
    )

    def compiled() -> Ends:
        from explorer.search.native.ends import end_states as native

        return native(bare, wanted, listener)

    ends, _ = by_engine(
        bare,
        listener,
        lambda task: evaluated_ends(task, wanted, listener),
        compiled,
        lambda ends: ends.outcome.stopped,
        lambda ends, why: dataclasses.replace(ends, outcome=dataclasses.replace(ends.outcome, stopped=why)),
    )
    return ends


def evaluated_ends(task: Task, wanted: Wanted | None, listener: Listener) -> Ends:
    """By the evaluator."""
    system, search = task.system, reference.Search(task, listener)
    outcome = search.run()
    blocked = {i for i, a in enumerate(system.actions) if a.outcome == "blocked"}
    states: list[State] = []
    goal: reference.Found | None = None
    for depth, level in enumerate(search.levels[: outcome.depth + 1]):
        ends = [s for s in level if all(i in blocked for i, _ in search.semantics.successors(s))]
        states += ends
        if wanted is not None and goal is None:
            chosen = [s for s in ends if wanted(s)]
            goal = reference.Found(depth, chosen) if chosen else None
    return Ends(tuple(states), None if goal is None else search.path(goal), outcome)
