"""The search on the evaluator: whole states kept, nothing clever. The loop over levels is in `search.levels`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from explorer.process import stop
from explorer.reduction.orders import representatives
from explorer.reduction.stubborn import Chooser
from explorer.reduction.symmetry import check_usable, shared_counts
from explorer.search.levels import Clock, search_levels
from explorer.search.outcome import NOBODY, Execution, Listener, Outcome, Task, shared_run
from explorer.system.assertions import ASSERTIONS as ASSERTIONS
from explorer.system.assertions import failed_assertions, failing_actions
from explorer.system.form import Failure, Property
from explorer.system.semantics import Semantics, State, at_rest, evaluate, predicate

DEADLOCK = "deadlock_freedom"


Shows = Callable[[State, int, State | None], bool]  # whether a step shows it: the state, the action, the state after it


@dataclass
class Found:
    """A property's first level with something to show: bad (or reached) states, or bad steps into that level."""

    depth: int
    states: list[State] = field(default_factory=list)
    shows: Shows | None = None
    levels: list[list[State]] | None = None  # of the states of the system itself that lead to it, once they are known
    stands: Shows | None = (
        None  # under symmetry: whether a step stands for one that shows it, where that is not `shows`
    )


def search(task: Task, listener: Listener = NOBODY) -> Outcome:
    """Explore the system of the task to the end or to the bounds."""
    return Search(task, listener).run()


class Search:
    """The levels of a search on the evaluator, as a `Frontier`: lists of states."""

    def __init__(self, task: Task, listener: Listener = NOBODY) -> None:
        self.system = system = task.system
        self.bounds, self.listener = task.bounds, listener
        self.semantics = Semantics(system)
        self.symmetry = task.symmetry
        check_usable(system, self.symmetry)
        self.representative = (lambda s: s) if self.symmetry is None else representatives(system, self.symmetry)
        self.chooser = None if task.stubborn is None else Chooser(system, task.stubborn)
        self.states_props = [p for p in system.properties if p.kind in ("always", "reachable")]
        self.step_props = [p for p in system.properties if p.kind == "always_step"]
        self.assertions = failing_actions(system)
        self.levels: list[list[State]] = []
        self.seen: set[State] = set()
        self.transitions = 0
        self.fired: Counter[int] = Counter()
        self.blocked: dict[int, int] = {}
        self.found: dict[str, Found] = {}
        self.paths: dict[str, Execution] = {}
        self.error: tuple[int, Found] | None = None  # action index of the model error, where
        self.undefined = [(p, e, f) for p in system.properties for e, f in p.undefined]
        self.undefined_at: dict[str, Found] = {}
        self.undecided: dict[str, str] = {}
        self.clock = Clock(task.bounds, listener)

    def run(self) -> Outcome:
        with stop.within(self.bounds.seconds):
            reason = search_levels(self, self.bounds)
            if not reason:
                self.liveness()
            return self.outcome(reason)

    # ------------------------------------------------------------ the frontier

    @property
    def depth(self) -> int:
        return max(len(self.levels) - 1, 0)

    def begin(self) -> bool:
        first = list(dict.fromkeys(map(self.representative, self.semantics.initial)))
        self.check_states(first, 0)
        self.seen.update(first)
        self.levels.append(first)
        return True

    def expand(self) -> bool:
        following = self.next_level(self.levels[-1], self.depth)
        if following:
            self.levels.append(following)
        return bool(following)

    def look_ahead(self) -> None:
        """Note the deadlocks of the last level, which is not expanded."""
        if DEADLOCK in self.found:
            return
        dead = [
            s
            for s in self.levels[-1]
            if not at_rest(self.system, s)
            and all(self.system.actions[i].outcome == "blocked" for i, _ in self.semantics.successors(s))
        ]
        if dead:
            self.found[DEADLOCK] = Found(self.depth, dead)

    def over(self, first: bool) -> str:
        if self.error is not None or self.undefined_at:
            return "error"
        return "first" if first and self.violations() else ""

    def drop(self) -> None:
        last = self.depth
        self.found = {name: found for name, found in self.found.items() if found.depth <= last}
        if self.error is not None and self.error[1].depth > last:
            self.error = None
        self.undefined_at = {name: found for name, found in self.undefined_at.items() if found.depth <= last}

    def violations(self) -> list[str]:
        reachables = {p.name for p in self.system.properties if p.kind == "reachable"}
        return [name for name in self.found if name not in reachables]

    def liveness(self) -> None:
        """Decide what is said about whole runs."""
        from explorer.search.liveness import EvaluatorGraph, decide

        def found(name: str, path: Execution) -> None:
            self.found[name], self.paths[name] = Found(len(path.actions)), path
            self.listener.show(name, path)

        def tick() -> None:
            self.tick(len(self.levels), 0, 0)

        self.undecided = decide(
            self.system,
            lambda fairness: EvaluatorGraph(self.system, fairness, (s for level in self.levels for s in level), tick),
            found,
        )

    # ------------------------------------------------------------ one level

    def check_states(self, level: list[State], depth: int) -> None:
        open_props = [p for p in self.states_props if p.name not in self.found]
        undefined = [u for u in self.undefined if u[0].name not in self.undefined_at and u[0].kind != "always_step"]
        if undefined:
            broken = predicate([e for _, e, _ in undefined])
            for s in level:
                for (p, _, _), bad in zip(undefined, broken(s, s), strict=True):
                    if bad:
                        self.undefined_at.setdefault(p.name, Found(depth)).states.append(s)
        if not open_props:
            return
        test = predicate([p.holds for p in open_props])
        wanted = tuple(p.kind == "always" for p in open_props)
        for s in level:
            values = test(s, s)
            if values != wanted:
                for p, value, good in zip(open_props, values, wanted, strict=True):
                    if value != good:
                        self.found.setdefault(p.name, Found(depth)).states.append(s)

    def next_level(self, level: list[State], depth: int) -> list[State]:
        """The states after those of the level that are in no level yet; what they and the steps to them show is noted."""
        actions = self.system.actions
        following: list[State] = []
        new: set[State] = set()
        transitions = 0
        fired: Counter[int] = Counter()
        blocked: dict[int, int] = {}
        wrong: dict[str, Found] = {}
        asserts: set[int] = set()
        errors: dict[int, Found] = {}
        dead: list[State] = []
        steps = [p for p in self.step_props if p.name not in self.found]
        test = predicate([p.holds for p in steps]) if steps else None
        broken_steps: dict[str, Found] = {}
        undefined = [u for u in self.undefined if u[0].kind == "always_step"]
        undefined_test = predicate([e for _, e, _ in undefined]) if undefined else None
        undefined_steps: dict[str, Found] = {}
        seen = self.seen
        for count, s in enumerate(level):
            if not count % 256:
                self.tick(depth, len(level) - count, len(following))
            any_enabled = False
            chosen = -1 if self.chooser is None else self.chooser.chosen_steps(s)
            for index, t in self.semantics.successors(s):
                if t is None:
                    action = actions[index]
                    if action.outcome == "blocked":
                        blocked[index] = blocked.get(index, 0) + 1
                        continue
                    any_enabled = True
                    transitions += 1
                    fired[index] += 1
                    assert action.failure is not None
                    if action.failure.kind == "assert":
                        wrong.setdefault(ASSERTIONS, Found(depth + 1, shows=self.fails))
                        asserts.add(index)
                    else:
                        errors.setdefault(index, Found(depth + 1, shows=takes_one_of(self.images(index))))
                    continue
                any_enabled = True
                if not chosen >> index & 1:
                    continue
                transitions += 1
                fired[index] += 1
                if test is not None:
                    for p, value in zip(steps, test(t, s), strict=True):
                        if not value:
                            broken_steps.setdefault(p.name, Found(depth + 1, shows=breaks_property(p)))
                if undefined_test is not None:
                    for (p, _, _), bad in zip(undefined, undefined_test(t, s), strict=True):
                        if bad:
                            undefined_steps.setdefault(p.name, Found(depth + 1, shows=undefined_by(p)))
                t = self.representative(t)
                if t not in seen and t not in new:
                    new.add(t)
                    following.append(t)
            if not any_enabled and not at_rest(self.system, s):
                dead.append(s)
        self.clock.bound(len(seen) + len(new))
        self.check_states(following, depth + 1)
        seen |= new
        self.transitions += transitions
        self.fired += fired
        for index, n in blocked.items():
            self.blocked[index] = self.blocked.get(index, 0) + n
        if dead and DEADLOCK not in self.found:
            self.found[DEADLOCK] = Found(depth, dead)
        for name, own in failed_assertions(self.assertions, asserts).items():
            wrong[name] = Found(depth + 1, shows=takes_one_of(own))
        for name, found in {**wrong, **broken_steps}.items():
            self.found.setdefault(name, found)
        if errors and self.error is None:
            self.error = self.first_error(errors)
        for name, found in undefined_steps.items():
            self.undefined_at.setdefault(name, found)
        return following

    def tick(self, depth: int, left: int, ahead: int) -> None:
        sizes = [len(level) for level in self.levels[-4:]]
        self.clock.tick(len(self.seen) + ahead, lambda: self.transitions, depth, left + ahead, sizes)
        self.clock.bound(len(self.seen) + ahead)

    # ------------------------------------------------------------ paths

    def settle(self) -> None:
        """Build the paths of what the finished level has shown."""
        order = [*(p.name for p in self.system.properties), DEADLOCK, ASSERTIONS, *self.assertions]
        for name, found in sorted(self.found.items(), key=lambda item: order.index(item[0])):
            if name not in self.paths:
                self.paths[name] = shared_run(self.assertions, name, self.paths) or self.path(found)
                self.listener.show(name, self.paths[name])

    def path(self, found: Found) -> Execution:
        """Shortest; then fewest context switches; then the first in the order of the actions.

        Backwards, level by level: for each state that leads to a bad one and each actor, the least number of switches from
        there on if that actor moves next. Then forwards along the least.
        """
        actions = self.system.actions
        successors = self.semantics.successors
        last, shows = found.depth, found.shows
        levels = found.levels or (self.levels if self.symmetry is None else self.concrete(found))
        bad = set(found.states if self.symmetry is None or shows is not None else levels[last])
        costs: list[dict[State, dict[str, int]]] = [{} for _ in range(last + 1)]
        costs[last] = {s: {} for s in bad}

        def cost(step_depth: int, state: State, index: int, target: State | None) -> int | None:
            """Switches after taking the action from a state of level step_depth; None where it leads nowhere."""
            if step_depth + 1 == last:
                return 0 if (shows(state, index, target) if shows is not None else target in bad) else None
            entry = costs[step_depth + 1].get(target) if target is not None else None
            if entry is None:
                return None
            actor = actions[index].actor
            return min(c + (a != actor) for a, c in entry.items())

        for depth in range(last - 1, -1, -1):
            for count, s in enumerate(levels[depth]):
                if not count % 256:
                    stop.here()
                entry: dict[str, int] = {}
                for index, t in successors(s):
                    c = cost(depth, s, index, t)
                    if c is not None:
                        actor = actions[index].actor
                        entry[actor] = min(entry.get(actor, c), c)
                if entry:
                    costs[depth][s] = entry
        if last == 0:
            start = next(s for s in levels[0] if s in bad)
            return Execution((start,), ())
        start = min((s for s in levels[0] if s in costs[0]), key=lambda s: min(costs[0][s].values()))
        states: list[State] = [start]
        taken: list[int] = []
        previous: str | None = None
        for depth in range(last):
            s = states[-1]
            best: tuple[int, int, State | None] | None = None
            for index, t in successors(s):
                c = cost(depth, s, index, t)
                if c is None:
                    continue
                total = c + (previous is not None and previous != actions[index].actor)
                if best is None or total < best[0]:
                    best = (total, index, t)
            assert best is not None
            taken.append(best[1])
            previous = actions[best[1]].actor
            if best[2] is not None:
                states.append(best[2])
        return Execution(tuple(states), tuple(taken))

    def concrete(self, found: Found) -> list[list[State]]:
        """Under symmetry, for each level the states of the system itself from which a shortest run goes on to what was found.

        Backwards over the representatives, then forwards from the initial states along the states that these stand for.
        """
        successors = self.semantics.successors
        last, shows = found.depth, found.shows
        leading: list[set[State]] = [set() for _ in range(last + 1)]
        leading[last] = set(found.states)

        def leads(depth: int, s: State, index: int, t: State | None) -> bool:
            if depth + 1 == last and shows is not None:
                return shows(s, index, t)
            return t is not None and self.representative(t) in leading[depth + 1]

        for depth in range(last - 1, -1, -1):
            stop.here()
            leading[depth] = {s for s in self.levels[depth] if any(leads(depth, s, i, t) for i, t in successors(s))}
        levels = [[s for s in dict.fromkeys(self.semantics.initial) if self.representative(s) in leading[0]]]
        for depth in range(last):
            stop.here()
            following = (t for s in levels[depth] for i, t in successors(s) if t is not None and leads(depth, s, i, t))
            levels.append(list(dict.fromkeys(following)))
        assert levels[0] and all(levels[:-1]), "a shortest run of the system itself goes through every level"
        return levels

    def images(self, index: int) -> frozenset[int]:
        """The actions that do the same under other names."""
        return frozenset([index]) if self.symmetry is None else self.symmetry.orbits[index]

    def fails(self, state: State, index: int, after: State | None) -> bool:
        """Whether the action fails an assertion."""
        failure = self.system.actions[index].failure
        return failure is not None and failure.kind == "assert" and self.system.actions[index].outcome == "failure"

    def first_error(self, errors: dict[int, Found]) -> tuple[int, Found]:
        """The first action, in their order, that is an error of the model at the level; and where."""
        index, found = min(errors.items(), key=lambda item: item[0])
        if self.symmetry is None:
            return index, found
        wanted = takes_one_of(frozenset().union(*map(self.images, errors)))
        levels = self.concrete(Found(found.depth, shows=wanted))
        index = min(i for s in levels[-2] for i, t in self.semantics.successors(s) if wanted(s, i, t))
        return index, Found(found.depth, shows=takes_one_of(frozenset([index])), levels=levels)

    def broken_run(self) -> tuple[Execution, Failure]:
        """The run to where the model is in error, and the error."""
        if self.error is not None:
            failure = self.system.actions[self.error[0]].failure
            assert failure is not None
            return self.path(self.error[1]), failure
        name, found = next(
            (p.name, self.undefined_at[p.name]) for p in self.system.properties if p.name in self.undefined_at
        )
        path = self.path(found)
        before = path.states[-2:][0]
        here = [(e, f) for p, e, f in self.undefined if p.name == name]
        return path, next(f for e, f in here if evaluate(e, path.states[-1], before))

    def outcome(self, reason: str) -> Outcome:
        complete = not reason
        error_path: Execution | None = None
        error_text: Failure | None = None
        if self.error is not None or self.undefined_at:
            told, reason = stop.finished(reason, self.broken_run)
            error_path, error_text = told or (None, None)
        # counts are of whole levels: what a level in progress had found is not in them
        return Outcome(
            engine="evaluator",
            states=sum(map(len, self.levels)),
            transitions=self.transitions,
            depth=self.depth,
            complete=complete,
            stopped=reason,
            seconds=self.clock.seconds,
            paths=dict(self.paths),
            depths={name: f.depth for name, f in self.found.items()},
            fired=shared_counts(dict(self.fired), self.symmetry),
            blocked=shared_counts(dict(self.blocked), self.symmetry),
            error=error_text,
            error_path=error_path,
            undecided=self.undecided,
        )


def takes_one_of(actions: frozenset[int]) -> Shows:
    """Whether a step takes one of the actions."""
    return lambda state, index, after: index in actions


def breaks_property(given: Property) -> Shows:
    """Whether a step violates the property."""
    test = predicate([given.holds])
    return lambda state, index, after: after is not None and not test(after, state)[0]


def undefined_by(given: Property) -> Shows:
    """Whether the property can't be evaluated over a step."""
    test = predicate([condition for condition, _ in given.undefined])
    return lambda state, index, after: after is not None and any(test(after, state))
