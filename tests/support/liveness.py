"""What liveness means, by brute force; and random systems with random fairness.

Here every step of a thread and every rule demands for itself, and the strong demands are guessed: for every set of them, the
states in which one of the set is possible are left out, and the others must be met. That is exponential, and hard to get wrong.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from random import Random

import networkx as nx

from explorer.search.outcome import Execution
from explorer.system.form import (
    Action,
    Apply,
    Cell,
    Constant,
    Domain,
    Expr,
    Failure,
    Property,
    Read,
    System,
)
from explorer.system.semantics import Semantics, State, predicate
from tests.support.systems import HERE, Generator

Key = tuple[str, str, int]
FAIRNESS = ("none", "weak", "strong")


class Meaning:
    """The graph of a system, and its demands."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.semantics = Semantics(system)
        self.steps: dict[State, list[tuple[int, State]]] = {}
        self.possible: dict[State, set[Key]] = {}
        self.demands: dict[Key, str] = {}
        for action in system.actions:
            if action.fairness != "none":
                self.demands[key(action)] = action.fairness
        waiting = list(self.semantics.initial)
        while waiting:
            state = waiting.pop()
            if state in self.steps:
                continue
            moves = [(i, t) for i, t in self.semantics.successors(state) if system.actions[i].outcome != "blocked"]
            self.steps[state] = [(i, t) for i, t in moves if t is not None]
            self.possible[state] = {key(system.actions[i]) for i, _ in moves} & self.demands.keys()
            waiting += [t for _, t in self.steps[state]]

    def values(self, claim: Property) -> dict[State, tuple[bool, bool]]:
        test = predicate([claim.trigger, claim.holds])
        return {s: test(s, s) for s in self.steps}

    def fair(self, states: Iterable[State], taken: Iterable[int]) -> bool:
        """Whether a run is fair that goes on for ever through these states and takes these actions."""
        visited = list(states)
        met = {key(self.system.actions[i]) for i in taken}
        return all(
            demand in met
            or (
                any(demand not in self.possible[s] for s in visited)
                if kind == "weak"
                else all(demand not in self.possible[s] for s in visited)
            )
            for demand, kind in self.demands.items()
        )

    def traps(self, without: set[State]) -> set[State]:
        """The states in which a fair run can go on for ever, and stay in these states."""
        strong = [d for d, kind in self.demands.items() if kind == "strong"]
        found: set[State] = set()
        for size in range(len(strong) + 1):
            for never in itertools.combinations(strong, size):
                graph: nx.DiGraph[State] = nx.DiGraph()
                graph.add_nodes_from(s for s in without if not self.possible[s].intersection(never))
                graph.add_edges_from((s, t) for s in list(graph) for _, t in self.steps[s] if t in graph)
                for component in nx.strongly_connected_components(graph):
                    taken = [i for s in component for i, t in self.steps[s] if t in component]
                    if self.fair(component, taken):
                        found |= component
        return found

    def stem(self, claim: Property) -> int | None:
        """The steps to the nearest state from which the property can be violated for ever; None where it holds."""
        values = self.values(claim)
        without = {s for s, (_, holds) in values.items() if not holds}
        entries = {s for s in without if values[s][0] and (claim.kind == "leads_to" or s in self.semantics.initial)}
        traps = self.traps(without)
        level = {(s, s in entries) for s in self.semantics.initial} | {(s, False) for s in self.semantics.initial}
        seen: set[tuple[State, bool]] = set()
        depth = 0
        while level:
            if any(inside and s in traps for s, inside in level):
                return depth
            seen |= level
            after: set[tuple[State, bool]] = set()
            for s, inside in level:
                for _, t in self.steps[s]:
                    if inside and t in without:
                        after.add((t, True))
                    if not inside:
                        after |= {(t, False)} | ({(t, True)} if t in entries else set())
            level = after - seen
            depth += 1
        return None

    def switches(self, claim: Property, steps: int) -> int:
        """The fewest context switches of a stem of so many steps, the least there are."""
        values = self.values(claim)
        without = {s for s, (_, holds) in values.items() if not holds}
        entries = {s for s in without if values[s][0] and (claim.kind == "leads_to" or s in self.semantics.initial)}
        traps = self.traps(without)
        runs = {
            (s, inside, ""): 0 for s in self.semantics.initial for inside in (False, True) if s in entries or not inside
        }
        for _ in range(steps):
            longer: dict[tuple[State, bool, str], int] = {}
            for (s, inside, last), so_far in runs.items():
                for action, t in self.steps[s]:
                    actor = self.system.actions[action].actor
                    for then in (False, True):
                        if (t in without if inside else t in entries) if then else not inside:
                            cost = so_far + (last not in ("", actor))
                            longer[t, then, actor] = min(cost, longer.get((t, then, actor), cost))
            runs = longer
        return min(cost for (s, inside, _), cost in runs.items() if inside and s in traps)

    def complaint(self, claim: Property, path: Execution) -> str:
        """What is wrong with a lasso, "" for nothing."""
        values = self.values(claim)
        if (
            path.loop is None
            or len(path.states) != len(path.actions) + 1
            or path.states[0] not in self.semantics.initial
        ):
            return "it is no lasso"
        for i, (s, t) in enumerate(zip(path.states, path.states[1:], strict=False)):
            if (path.actions[i], t) not in self.steps[s]:
                return f"step {i + 1} is no step"
        if path.states[-1] != path.states[path.loop]:
            return "the loop is open"
        if not self.fair(path.states[path.loop :], path.actions[path.loop :]):
            return "the loop is not fair"
        last = [i for i, s in enumerate(path.states) if values[s][1]]
        after = last[-1] + 1 if last else 0
        asked = [i for i, s in enumerate(path.states) if i >= after and values[s][0]]
        if after > path.loop or not asked or claim.kind == "eventually" and after > 0:
            return "the property is not violated"
        return ""


def key(action: Action) -> Key:
    return action.actor, action.name, -1 if action.location is None else action.location[1]


# ---------------------------------------------------------------- random systems


def with_fairness(system: System, random: Random, claims: list[Property]) -> System:
    """The system with random fairness for each step and rule."""
    chosen: dict[Key, str] = {}
    actions = []
    for action in system.actions:
        fairness = chosen.setdefault(key(action), random.choice((*FAIRNESS, "weak", "strong")))
        if action.failure is not None and action.outcome == "failure":
            action = dataclasses.replace(action, failure=Failure("assert", "no", HERE))
        actions.append(dataclasses.replace(action, fairness=fairness))  # type: ignore[arg-type]
    return dataclasses.replace(system, actions=tuple(actions), properties=tuple(claims))


def random_threads(seed: int) -> System:
    """A system of tests/support/systems.py with fairness and liveness properties."""
    generator = Generator(seed)
    system = generator.system()
    random = Random(seed)
    claims = []
    for i in range(3):
        holds = Apply("and", (generator.expr("bool", 2), generator.test()))
        if random.random() < 0.5:
            claims.append(Property(f"e{i}", "eventually", holds))
        else:
            claims.append(Property(f"l{i}", "leads_to", holds, trigger=generator.expr("bool", 2)))
    return with_fairness(system, random, claims)


def random_graph(seed: int) -> System:
    """One variable whose values are the states of a random graph; its edges belong to a few rules."""
    random = Random(seed)
    size = random.randint(2, 9)
    at = Read(0, "int")
    cells = (
        Cell("at", Domain("range", 0, size - 1), tuple(sorted(random.sample(range(size), random.choice((1, 1, 2)))))),
    )

    def is_one_of(values: list[int]) -> Expr:
        tests = tuple(Apply("eq", (at, Constant(v))) for v in values)
        return tests[0] if len(tests) == 1 else Apply("or", tests)

    edges: list[list[tuple[int, int]]] = []
    for _ in range(random.randint(1, 5)):
        edges.append([(random.randrange(size), random.randrange(size)) for _ in range(random.randint(1, 4))])
    if random.random() < 0.6:
        # ways back, so that components are large, and have parts
        around = random.sample(range(size), size)
        edges.append([*zip(around, around[1:] + around[:1], strict=True), *((v, v - 1) for v in around if v)])
    actions = []
    for rule, steps in enumerate(edges):
        for n, (source, target) in enumerate(steps):
            updates = ((0, Constant(target)),)
            guard = Apply("eq", (at, Constant(source)))
            actions.append(Action("abc"[rule % 3], f"edge {n}", HERE, guard, updates, None, name=f"r{rule}"))
    claims = []
    for i in range(3):
        some = random.sample(range(size), random.randint(1, max(1, size // 3)))
        if random.random() < 0.5:
            claims.append(Property(f"e{i}", "eventually", is_one_of(some)))
        else:
            trigger = is_one_of(random.sample(range(size), random.randint(1, size)))
            claims.append(Property(f"l{i}", "leads_to", is_one_of(some), trigger=trigger))
    return with_fairness(System(f"graph {seed}", cells, tuple(actions), ()), random, claims)
