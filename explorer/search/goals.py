"""Reduced by partial order: one search for each goal, and what they say together."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence

from explorer.process import stop
from explorer.reduction.goals import ASSERTIONS, DEADLOCK, ERRORS, HELD_UP, Goal, goals, symmetric
from explorer.reduction.relations import Relations, Syntactic
from explorer.reduction.stubborn import stubborn
from explorer.search.engine import search
from explorer.search.outcome import NOBODY, Bounds, Execution, Listener, Outcome, Task, shared_run
from explorer.system.assertions import failing_actions
from explorer.system.form import LIVENESS, System
from explorer.system.semantics import Semantics, State, held_up_text

NOTHING = Outcome("evaluator", 0, 0, 0, True, "", 0.0, {}, {}, {}, {})  # a goal that nothing can show


Relating = Callable[[System, Sequence[Goal]], Callable[[Goal], Relations]]


def syntactic(system: System, goals: Sequence[Goal]) -> Callable[[Goal], Relations]:
    """What the text of the steps says."""
    return Syntactic


def search_goals(
    task: Task,
    names: Iterable[str] | None = None,
    listener: Listener = NOBODY,
    *,
    relations: Relating = syntactic,
) -> Outcome:
    """The same verdicts and depths as `engine.search`, with fewer states where steps are independent.

    `names`: of the properties, `deadlock_freedom` and `assertions` that are asked for. `relations`: of the steps of goals.
    The search for each is in `goals` of the outcome; states and transitions are their sums, and actions are not counted.
    What is said about whole runs is decided without reduction. The task's symmetry is certified of the system; the relations
    must then be those of all states that differ from a reachable one by a permutation, so they may rest on no invariant.
    """
    whole = Goals(task, listener, relations)
    whole.run(names)
    return whole.outcome()


class Goals:
    def __init__(self, task: Task, listener: Listener, relations: Relating) -> None:
        self.task, self.listener, self.relations = task, listener, relations
        system = self.system = task.system
        self.bounds = task.bounds
        self.semantics = Semantics(system)
        self.assertions = failing_actions(system)
        self.reachables = {p.name for p in system.properties if p.kind == "reachable"}
        self.liveness = tuple(dataclasses.replace(p, undefined=()) for p in system.properties if p.kind in LIVENESS)
        self.found: dict[str, Outcome] = {}
        self.paths: dict[str, Execution] = {}
        self.end: int | None = None  # the level at which everything ends: with an error, or with the first violation
        self.over = ""  # why no goal is searched any more
        self.began = time.monotonic()

    def run(self, names: Iterable[str] | None) -> None:
        with stop.within(self.bounds.seconds):
            self.search_goal(names)

    def search_goal(self, names: Iterable[str] | None) -> None:
        every = goals(self.system, names)
        self.of = self.relations(self.system, every)
        for goal in every:
            if goal.name == HELD_UP and self.end is not None:
                continue
            if goal.name in self.assertions and (ASSERTIONS not in self.paths or self.is_known(goal.name)):
                continue
            found = self.search(goal)
            if found.stopped in stop.STOPS:
                self.over = found.stopped
            self.found[goal.name] = found
            for path in found.paths.values():
                self.shown(goal.name, self.whole_run(goal, path))
            if found.error_path is not None:
                self.paths[ERRORS] = self.whole_run(goal, found.error_path)
                self.end = len(found.error_path.actions)
        if self.liveness and self.end is None:
            self.whole_runs()
        if self.bounds.first:
            for name, path in self.paths.items():
                if name not in (ERRORS, HELD_UP) and self.in_time(name):
                    self.listener.show(name, path)

    def is_known(self, name: str) -> bool:
        """Whether the run for all assertions ends in this one: then it is a run for it."""
        path = shared_run(self.assertions, name, self.paths)
        if path is None:
            return False
        self.found[name] = self.found[ASSERTIONS]
        self.shown(name, path)
        return True

    def shown(self, name: str, path: Execution) -> None:
        self.paths[name] = path
        if self.bounds.first:
            if name not in (HELD_UP, *self.reachables):
                seen = len(path.actions) + (name == DEADLOCK)
                self.end = seen if self.end is None else min(self.end, seen)
        elif name != HELD_UP:
            self.listener.show(name, path)

    @property
    def broken(self) -> bool:
        """Whether it ends with an error."""
        return ERRORS in self.paths and len(self.paths[ERRORS].actions) == self.end

    def in_time(self, name: str) -> bool:
        """Whether a search without reduction has seen it before it ends. A deadlock is seen one level later."""
        return self.end is None or len(self.paths[name].actions) + (name == DEADLOCK) <= self.end

    def search(self, goal: Goal) -> Outcome:
        """One goal's search, to where it is first shown."""
        deepest = [self.bounds.depth, None if self.end is None else self.end - (goal.name == DEADLOCK)]
        depth = min((d for d in deepest if d is not None), default=None)
        if depth is not None and depth < 0:
            return NOTHING
        states = self.states_left()
        if not self.over:
            self.over = "states" if states is not None and states <= 0 else ""
        try:
            if not self.over:
                symmetry = self.task.symmetry
                own = dataclasses.replace(
                    self.task,
                    system=goal.system,
                    bounds=Bounds(depth, states, first=True),
                    symmetry=None if symmetry is None else symmetric(symmetry, goal),
                    stubborn=stubborn(goal, self.of(goal)),
                )
                return search(own, dataclasses.replace(self.listener, found=None))
        except (stop.Interrupted, KeyboardInterrupt) as e:
            stop.caught()
            self.over = e.reason if isinstance(e, stop.Interrupted) else "interrupt"
        # the initial states are always looked at
        found = search(Task(goal.system, Bounds(0, first=True), "evaluator"))
        return found if found.stopped != "depth" else dataclasses.replace(found, stopped=self.over)

    def states_left(self) -> int | None:
        """What is left of the bound on states."""
        return None if self.bounds.states is None else self.bounds.states - sum(o.states for o in self.found.values())

    def whole_runs(self) -> None:
        """Liveness, on the complete graph: nothing is left out."""
        system = dataclasses.replace(self.system, properties=self.liveness)
        states = self.states_left()
        if self.over or (states is not None and states <= 0):
            found = search(Task(system, Bounds(0), "evaluator"))
            found = found if found.stopped != "depth" else dataclasses.replace(found, stopped=self.over or "states")
        else:
            own = dataclasses.replace(
                self.task, system=system, bounds=Bounds(self.bounds.depth, states), symmetry=None, stubborn=None
            )
            found = search(own, dataclasses.replace(self.listener, found=None))
        for given in self.liveness:
            self.found[given.name] = found
            if given.name in found.paths:
                self.shown(given.name, found.paths[given.name])

    def whole_run(self, goal: Goal, path: Execution) -> Execution:
        """The run of the goal's system as one of the whole system."""
        states: list[State] = [path.states[0]]
        actions = tuple(goal.actions[i] for i in path.actions)
        for taken in actions:
            after = next(t for i, t in self.semantics.successors(states[-1]) if i == taken)
            if after is not None:
                states.append(after)
        return Execution(tuple(states), actions)

    # ------------------------------------------------------------ the answer

    def outcome(self) -> Outcome:
        """All goals together."""
        every = list({id(o): o for o in self.found.values()}.values())
        open_ones = [o for n, o in self.found.items() if not self.decided(n)]
        if self.end is not None:
            stopped, depth = "error" if self.broken else "first", self.end
        elif open_ones:
            stopped, depth = open_ones[0].stopped, min(o.depth for o in open_ones)
        else:
            stopped, depth = "", max((o.depth for o in every), default=0)
        failed = self.found[ERRORS] if self.broken else None
        paths = {n: p for n, p in self.paths.items() if n not in (ERRORS, HELD_UP) and self.in_time(n)}
        return Outcome(
            engine="native" if any(o.engine == "native" for o in every) else "evaluator",
            states=sum(o.states for o in every),
            transitions=sum(o.transitions for o in every),
            depth=depth,
            complete=not stopped,
            stopped=stopped,
            seconds=time.monotonic() - self.began,
            paths=paths,
            depths={name: len(path.actions) for name, path in paths.items()},
            fired={},
            blocked={},
            error=None if failed is None else failed.error,
            error_path=None if failed is None else self.paths[ERRORS],
            notes=tuple(dict.fromkeys((*self.held_up(), *(n for o in every for n in o.notes)))),
            undecided={n: why for o in every for n, why in o.undecided.items()},
            goals={name: self.answer(name) for name in (*(p.name for p in self.system.properties), *self.found)},
        )

    def decided(self, name: str) -> bool:
        return self.found[name].complete or name in self.paths

    def answer(self, name: str) -> Outcome:
        """What is known of a goal: where everything ends early, no more than to that level."""
        found = self.found.get(name, NOTHING)
        if self.end is None:
            return found
        return dataclasses.replace(found, complete=False, depth=self.end, stopped="error" if self.broken else "first")

    def held_up(self) -> list[str]:
        """The step that an empty choose alone holds up first; others may be held up elsewhere."""
        if HELD_UP not in self.paths:
            return []
        path = self.paths[HELD_UP]
        action = self.system.actions[path.actions[-1]]
        assert action.failure is not None
        where = f"at depth {len(path.actions) - 1}"
        return [held_up_text(where, action.failure.text, action.actor, action.label)]
