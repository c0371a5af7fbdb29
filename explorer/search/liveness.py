"""Liveness on the evaluator's graph: is there a fair run that never sees the condition? Slow and obviously right.

A run goes on for ever. It may stop wherever fairness does not demand a step, and then its last state repeats for ever. So a
run ends up in a strongly connected component of the states without the condition, and there is a fair one exactly if some
component, or part of one, meets every demand (`fair_components`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from explorer.process import stop
from explorer.process.stop import Interrupted
from explorer.search.fairness import Fairness
from explorer.search.lasso import Edge, Graph, Node, Trap, lasso
from explorer.search.outcome import Execution
from explorer.system.form import LIVENESS, Property, System
from explorer.system.semantics import Semantics, State, predicate


class Explored(Graph, Protocol):
    """A complete graph that can say where a property is violated."""

    def trap(self, claim: Property) -> Trap | None:
        """None where the property holds."""
        ...


def decide(
    system: System, explore: Callable[[Fairness], Explored], found: Callable[[str, Execution], None]
) -> dict[str, str]:
    """Decide the liveness properties on the complete graph that `explore` gives; `found` gets the lassos of those violated.

    Gives those that are not decided, with the reason: "seconds", "interrupt", "disk", "memory".
    """
    waiting = [p for p in system.properties if p.kind in LIVENESS]
    if not waiting:
        return {}
    reason = ""
    try:
        fairness = Fairness(system)
        graph = explore(fairness)
        while waiting:
            trap = graph.trap(waiting[0])
            path = None if trap is None else lasso(system, fairness, graph, trap)
            claim = waiting.pop(0)
            if path is not None:
                found(claim.name, path)
    except Interrupted as interrupted:
        reason = interrupted.reason
    except KeyboardInterrupt:
        stop.caught()
        reason = "interrupt"
    return {claim.name: reason for claim in waiting}


class EvaluatorGraph:
    """The graph of these states, which are all that can be reached. `tick` is called now and then and may raise Interrupted."""

    def __init__(self, system: System, fairness: Fairness, states: Iterable[State], tick: Callable[[], None]) -> None:
        self.semantics, self.fairness, self.tick = Semantics(system), fairness, tick
        self.states = list(states)
        self.numbers = {state: v for v, state in enumerate(self.states)}
        self.initial = [self.numbers[s] for s in dict.fromkeys(self.semantics.initial)]
        self.steps: list[list[Edge]] = []
        self.possible: list[int] = []
        for v, state in enumerate(self.states):
            if not v % 256:
                tick()
            edges: list[Edge] = []
            possible = 0
            for action, target in self.semantics.successors(state):
                if system.actions[action].outcome != "blocked":
                    possible |= fairness.bits[action]
                if target is not None:
                    edges.append((action, self.numbers[target]))
            self.steps.append(sorted(edges))
            self.possible.append(possible)

    def state(self, v: int) -> State:
        return self.states[v]

    def edges(self, v: int) -> Sequence[Edge]:
        return self.steps[v]

    def enabled_demands(self, v: int) -> int:
        return self.possible[v]

    def trap(self, claim: Property) -> EvaluatorTrap | None:
        test = predicate([claim.trigger, claim.holds])
        values = [test(s, s) for s in self.states]
        without = {v for v, (_, holds) in enumerate(values) if not holds}
        if claim.kind == "eventually":
            entries = without.intersection(self.initial)
        else:
            entries = {v for v in without if values[v][0]}
        components = self.fair_components(without)
        found = EvaluatorTrap(self, without, entries, components, claim.kind == "leads_to")
        return found if found.ends() else None

    def fair_components(self, inside: set[int]) -> list[set[int]]:
        """The largest sets of these states in which a run can go on for ever, everywhere, and meet every demand."""
        found = []
        pending = [inside]
        while pending:
            for component in self.components(pending.pop()):
                self.tick()
                taken = 0
                for v in component:
                    for action, w in self.steps[v]:
                        if w in component:
                            taken |= self.fairness.bits[action]
                unmet = self.fairness.unmet((self.possible[v] for v in component), taken)
                if not unmet:
                    found.append(component)
                elif not unmet & ~self.fairness.strong:
                    # a run that stays may not visit the states where what it never does is possible
                    pending.append({v for v in component if not self.possible[v] & unmet})
        return found

    def components(self, inside: set[int]) -> list[set[int]]:
        """The strongly connected components of these states: Tarjan's algorithm, without recursion."""
        found: list[set[int]] = []
        index: dict[int, int] = {}
        low: dict[int, int] = {}
        path: list[int] = []
        on_path: set[int] = set()
        for root in sorted(inside):
            if root in index:
                continue
            calls = [(root, iter(self.steps[root]))]
            index[root] = low[root] = len(index)
            path.append(root)
            on_path.add(root)
            while calls:
                v, edges = calls[-1]
                for _, w in edges:
                    if w not in inside:
                        continue
                    if w not in index:
                        index[w] = low[w] = len(index)
                        path.append(w)
                        on_path.add(w)
                        calls.append((w, iter(self.steps[w])))
                        break
                    if w in on_path:
                        low[v] = min(low[v], index[w])
                else:
                    calls.pop()
                    if calls:
                        low[calls[-1][0]] = min(low[calls[-1][0]], low[v])
                    if low[v] == index[v]:
                        component = {v}
                        while path[-1] != v:
                            component.add(path.pop())
                        path.pop()
                        on_path -= component
                        found.append(component)
        return found


class EvaluatorTrap:
    """Breadth first over the nodes: a run before it enters, and one that has entered and stays `without` the condition."""

    def __init__(
        self, graph: EvaluatorGraph, without: set[int], entries: set[int], components: list[set[int]], later: bool
    ) -> None:
        self.graph, self.entries = graph, entries
        self.component = {v: n for n, component in enumerate(components) for v in component}
        self.distance: dict[Node, int] = {}
        level = [(v, True) for v in graph.initial if v in entries]
        if later:
            level += [(v, False) for v in graph.initial]
        at = 0
        self.last: set[int] = set()
        while level and not self.last:
            self.distance.update(dict.fromkeys(level, at))
            self.last = {v for v, inside in level if inside and v in self.component}
            at += 1
            following: dict[Node, None] = {}
            for v, inside in level:
                for _, w in graph.edges(v):
                    if inside:
                        targets = [(w, True)] if w in without else []
                    else:
                        targets = [(w, False), *([(w, True)] if w in entries else [])]
                    following.update(dict.fromkeys(t for t in targets if t not in self.distance))
            level = list(following)

    def enters(self, v: int) -> bool:
        return v in self.entries

    def marked_nodes(self) -> set[Node]:
        return set(self.distance)

    def ends(self) -> set[int]:
        return self.last

    def nearest(self, start: int, wanted: int, home: int) -> list[Edge]:
        graph, fairness = self.graph, self.graph.fairness
        came: dict[int, tuple[int, Edge]] = {}
        queue = deque([start])
        while queue:
            v = queue.popleft()
            for action, w in graph.edges(v):
                if self.component.get(w) != self.component[start]:
                    continue
                met = fairness.bits[action] | ~graph.enabled_demands(w) & ~fairness.strong
                if met & wanted if wanted else w == home:
                    way = [(action, w)]
                    while v != start:
                        v, edge = came[v]
                        way.append(edge)
                    return way[::-1]
                if w != start and w not in came:
                    came[w] = v, (action, w)
                    queue.append(w)
        raise AssertionError("a fair component has no way to meet its demands")
