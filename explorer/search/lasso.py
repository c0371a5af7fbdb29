"""The counterexample to a liveness property: a stem to states in which a run can stay for ever, and a loop there.

The stem is shortest, then has the fewest context switches, then is the first in the order of the actions. The loop is found
greedily: from where the stem ends to the nearest place that meets a demand of fairness still open, and so on, and back.
Nothing here depends on the numbers that an engine gives to states, so every engine has the same lasso.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from explorer.search.fairness import Fairness
from explorer.search.outcome import Execution
from explorer.system.form import System
from explorer.system.semantics import State

Node = tuple[int, bool]  # a state, and whether the run has entered what it must never leave
Edge = tuple[int, int]  # an action and the number of the state it leads to


class Graph(Protocol):
    """Every state that can be reached, by number, and every step between two of them."""

    @property
    def initial(self) -> Sequence[int]:
        """In the order of the evaluator."""
        ...

    def state(self, v: int) -> State: ...
    def edges(self, v: int) -> Sequence[Edge]:
        """The steps out of a state, in the order of the actions."""
        ...

    def enabled_demands(self, v: int) -> int:
        """The demands of fairness that could be met there, as bits."""
        ...


class Trap(Protocol):
    """What a violation needs: states that a run can enter and then never sees the property's condition come true."""

    def enters(self, v: int) -> bool:
        """Whether a run in this state may be the one that violates: from here on the condition must never be true."""
        ...

    def marked_nodes(self) -> set[Node]:
        """The nodes that lie on a shortest stem."""
        ...

    def ends(self) -> set[int]:
        """The states at which a shortest stem may end: a run can stay in their fair component for ever."""
        ...

    def nearest(self, start: int, wanted: int, home: int) -> list[Edge]:
        """The shortest way inside the fair component of `start`, of at least one step, that ends with a step that meets one of
        the demands `wanted`; with a step to `home` where there are none. Breadth first, steps in the order of the actions.
        A weak demand is met, too, by a step to where it could not be met."""
        ...


def lasso(system: System, fairness: Fairness, graph: Graph, trap: Trap) -> Execution:
    """The lasso, as a path whose `loop` is where it begins again."""
    states, actions = stem(system, graph, trap)
    loop = round_trip(fairness, graph, trap, states[-1])
    begin = len(actions)
    for action, target in loop:
        actions.append(action)
        states.append(target)
    return Execution(tuple(map(graph.state, states)), tuple(actions), begin)


def stem(system: System, graph: Graph, trap: Trap) -> tuple[list[int], list[int]]:
    """The states and actions up to where the loop begins."""
    marked, ends = trap.marked_nodes(), trap.ends()
    actor = [a.actor for a in system.actions]
    costs: dict[Node, dict[str, int]] = {}  # the least number of switches still to come if that actor moves next

    def onward(node: Node) -> list[tuple[int, Node]]:
        """The steps along shortest stems."""
        v, inside = node
        found: list[tuple[int, Node]] = []
        for action, w in graph.edges(v):
            for target in ((w, True),) if inside else ((w, False), (w, True)):
                if target in marked and distance[target] == distance[node] + 1:
                    if target[1] == inside or trap.enters(w):
                        found.append((action, target))
        return found

    starts = [node for v in graph.initial for node in ((v, True), (v, False)) if node in marked]
    starts = [n for n in starts if not n[1] or trap.enters(n[0])]
    distance = dict.fromkeys(starts, 0)
    order = deque(starts)
    while order:
        node = order.popleft()
        for _, w in graph.edges(node[0]):
            for target in ((w, True),) if node[1] else ((w, False), (w, True)):
                if target in marked and target not in distance and (target[1] == node[1] or trap.enters(w)):
                    distance[target] = distance[node] + 1
                    order.append(target)
    goals = {n for n in distance if n[1] and n[0] in ends}
    for node in sorted(distance, key=distance.__getitem__, reverse=True):
        entry: dict[str, int] = {}
        if node not in goals:
            for action, target in onward(node):
                if target in goals or costs.get(target):
                    after = costs.get(target) or {}
                    cost = min((c + (a != actor[action]) for a, c in after.items()), default=0)
                    entry[actor[action]] = min(entry.get(actor[action], cost), cost)
        costs[node] = entry
    start = min(starts, key=lambda n: 0 if n in goals else min(costs[n].values(), default=len(marked)))
    states, node = [start[0]], start
    taken: list[int] = []
    while node not in goals:
        best: tuple[int, int, Node] | None = None
        for action, target in onward(node):
            if target not in goals and not costs[target]:
                continue
            total = min((c + (a != actor[action]) for a, c in costs[target].items()), default=0)
            total += bool(taken) and actor[taken[-1]] != actor[action]
            if best is None or total < best[0]:
                best = total, action, target
        assert best is not None, "a marked state leads nowhere"
        taken.append(best[1])
        node = best[2]
        states.append(node[0])
    return states, taken


def round_trip(fairness: Fairness, graph: Graph, trap: Trap, start: int) -> list[Edge]:
    """A way from the state back to it that is fair if it is taken for ever; empty where the run may just stop there."""
    if not fairness.unmet([graph.enabled_demands(start)], 0):
        return []
    goals = 0
    while True:
        found = tour(fairness, graph, trap, start, goals)
        taken = 0
        for action, _ in found:
            taken |= fairness.bits[action]
        unmet = fairness.unmet((graph.enabled_demands(v) for _, v in found), taken)
        if not unmet:
            return found
        # every loop must meet the weak demands; a strong one is no concern of a loop that goes elsewhere
        goals |= unmet & ~fairness.strong or unmet & -unmet


def tour(fairness: Fairness, graph: Graph, trap: Trap, start: int, goals: int) -> list[Edge]:
    """From the state through the nearest places that meet the demands `goals`, and back."""
    found: list[Edge] = []
    at = start

    def rested(v: int) -> int:
        """Weak demands that a visit to the state meets."""
        return ~graph.enabled_demands(v) & ~fairness.strong

    goals &= ~rested(start)
    while goals or not found or at != start:
        leg = trap.nearest(at, goals, start)
        for action, target in leg:
            goals &= ~(fairness.bits[action] | rested(target))
        found += leg
        at = leg[-1][1]
    return found
