"""Liveness on the states that the compiled search has found: what `search.liveness` says, in packed arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from explorer.search.fairness import Fairness
from explorer.search.lasso import Edge, Node
from explorer.search.native.codegen.emit import emit, label_words
from explorer.search.native.codegen.layout import Layout
from explorer.search.native.codegen.machine_code import machine_code
from explorer.search.native.loops import cycles
from explorer.search.native.paths import Paths
from explorer.search.native.storage.store import PARTITIONS, Store
from explorer.system.form import LIVENESS, Property, System
from explorer.system.semantics import State

WORD = (1 << 64) - 1


class NativeGraph:
    """The steps between all states of a store. `tick` is called now and then and may raise Interrupted."""

    def __init__(
        self,
        system: System,
        layout: Layout,
        fairness: Fairness,
        store: Store,
        finder: Paths,
        tick: Callable[[], None],
    ) -> None:
        self.system, self.layout, self.store, self.tick = system, layout, store, tick
        self.words = (0,) * layout.words
        self.bases: Any = np.concatenate(([0], np.cumsum(store.counts)))
        size = max(1, -(-len(fairness.demands) // 64))
        self.bits = rows([*fairness.bits, 0], size)
        self.strong = rows([fairness.strong], size)[0]
        self.initial = [self.number(s) for s in dict.fromkeys(finder.semantics.initial)]
        self.possible: Any = np.zeros((len(store), size), np.uint64)
        self.link(finder)
        self.labels: Any = np.zeros((len(store), label_words(system)), np.uint64)
        code = machine_code(emit(system, layout, "label"), ("label",))
        for p in range(PARTITIONS):
            mine = self.labels[self.bases[p] : self.bases[p + 1]]
            cycles.label(code.addresses["label"], self.words, store.chunk, int(store.states[p]), len(mine), mine)
            tick()

    def link(self, finder: Paths) -> None:
        """Find every step."""
        store, scratch, states = self.store, finder.scratch, self.store.states
        steps = np.zeros(len(store) + 1, np.int64)
        given = (scratch.out.ctypes.data, scratch.actions, scratch.actions.ctypes.data, scratch.events.ctypes.data)
        for p in range(PARTITIONS):
            first, stop = self.bases[p], self.bases[p + 1]
            cycles.look(
                finder.moves, self.words, store.chunk, int(states[p]), stop - first, *given, finder.is_step, self.bits,
                steps[first + 1 : stop + 1], self.possible[first:stop],
            )  # fmt: skip
            self.tick()
        self.start: Any = np.cumsum(steps)
        total = int(self.start[-1])
        self.target: Any = np.empty(total, np.int32 if len(store) < 1 << 31 else np.int64)
        self.action: Any = np.empty(total, np.uint16 if len(self.system.actions) < 1 << 16 else np.int32)
        for p in range(PARTITIONS):
            found = cycles.link(
                finder.moves, self.words, store.chunk, p, self.bases[p + 1] - self.bases[p], *given, finder.is_step,
                store.table_at, store.bits, states, self.bases, self.start, self.target, self.action,
            )  # fmt: skip
            assert found, "a step leads out of the graph"
            self.tick()

    def number(self, state: State) -> int:
        packed = np.array(self.layout.pack(state), np.uint64)
        store = self.store
        return int(
            cycles.number(
                self.words, store.chunk, store.table_at, store.bits, store.states, self.bases, packed.ctypes.data, 0
            )
        )

    def state(self, v: int) -> State:
        p = int(np.searchsorted(self.bases, v, "right")) - 1
        at = v - int(self.bases[p])
        return self.layout.unpack(self.store.rows(p, at, at + 1)[0].tolist())

    def edges(self, v: int) -> Sequence[Edge]:
        first, stop = self.start[v], self.start[v + 1]
        return list(zip(self.action[first:stop].tolist(), self.target[first:stop].tolist(), strict=True))

    def enabled_demands(self, v: int) -> int:
        return sum(word << 64 * i for i, word in enumerate(self.possible[v].tolist()))

    def trap(self, claim: Property) -> NativeTrap | None:
        position = [p.name for p in self.system.properties if p.kind in LIVENESS].index(claim.name)
        word = self.labels[:, position // 32] >> np.uint64(2 * (position % 32))
        without = word & np.uint64(2) == 0
        if claim.kind == "eventually":
            entries = np.zeros(len(without), np.bool_)
            entries[self.initial] = without[self.initial]
        else:
            entries = without & (word & np.uint64(1) != 0)
        self.tick()
        fair = self.fair_components(without)
        found = NativeTrap(self, without, entries, fair, claim.kind == "leads_to")
        return found if found.last >= 0 else None

    def fair_components(self, without: Any) -> Any:
        """For each state the number of the fair component it belongs to, -1 for none."""
        group: Any = np.where(without, 0, -1).astype(np.int32)
        fair: Any = np.full(len(without), -1, np.int32)
        component: Any = np.empty(len(without), np.int32)
        first, left = 0, len(without)
        while left:
            count = cycles.components(self.start, self.target, group, component)
            self.tick()
            left = cycles.judge(
                self.start, self.target, self.action, component, count, self.bits, self.possible, self.strong, group,
                fair, first,
            )  # fmt: skip
            first += count
            self.tick()
        return fair


class NativeTrap:
    """What `EvaluatorTrap` is, in arrays."""

    def __init__(self, graph: NativeGraph, without: Any, entries: Any, fair: Any, later: bool) -> None:
        self.graph, self.entries, self.component = graph, entries, fair
        n = len(without)
        self.distance: Any = np.full(2 * n, -1, np.int32)
        self.queue: Any = np.empty(2 * n, np.int64)
        arrays = (without, entries, fair)
        initial = np.array(graph.initial, np.int64)
        self.last, tail = cycles.spread(graph.start, graph.target, *arrays, initial, later, self.distance, self.queue)
        self.on_stems: Any = np.zeros(2 * n, np.bool_)
        if self.last >= 0:
            cycles.mark(graph.start, graph.target, *arrays, self.distance, self.queue, self.last, tail, self.on_stems)

    def enters(self, v: int) -> bool:
        return bool(self.entries[v])

    def marked_nodes(self) -> set[Node]:
        n = len(self.component)
        return {(node % n, node >= n) for node in np.flatnonzero(self.on_stems).tolist()}

    def ends(self) -> set[int]:
        n = len(self.component)
        return {v for v, inside in self.marked_nodes() if inside and self.distance[n + v] == self.last}

    def nearest(self, start: int, wanted: int, home: int) -> list[Edge]:
        graph, came, via = self.graph, *self.ways
        v, step, tail = cycles.seek(
            graph.start, graph.target, graph.action, self.component, graph.bits, graph.possible, graph.strong, start,
            rows([wanted], len(graph.strong))[0], home, came, via, self.queue,
        )  # fmt: skip
        assert step >= 0, "a fair component has no way to meet its demands"
        way = [step]
        while v != start:
            way.append(via[v])
            v = came[v]
        cycles.forget(came, self.queue, tail)
        return [(int(graph.action[e]), int(graph.target[e])) for e in reversed(way)]

    @cached_property
    def ways(self) -> tuple[Any, Any]:
        """For each state the one before it on a way, and the step between: room for `nearest`."""
        n = len(self.component)
        return np.full(n, -1, np.int64), np.empty(n, np.int64)


def rows(values: Sequence[int], size: int) -> Any:
    """Integers as rows of 64-bit words."""
    return np.array([[value >> 64 * i & WORD for i in range(size)] for value in values], np.uint64)
