"""Semaphores, counted by hand.

A state: producers (items left, steps done), consumers (steps done), then the values of free, used and mutex, and what
is stored.
"""

from collections.abc import Callable, Iterator

State = tuple[tuple[tuple[int, int], ...], tuple[int, ...], int, int, int, int]


def successors(s: State, swapped: bool) -> Iterator[State]:
    producers, consumers, free, used, mutex, stored = s
    for i, (left, at) in enumerate(producers):
        on = (*producers[:i], (left - 1, 0) if at == 2 else (left, at + 1), *producers[i + 1 :])
        wants_mutex = (at == 0) == swapped
        if left and at == 2:
            yield on, consumers, free, used + 1, mutex + 1, stored
        elif left and wants_mutex and mutex:
            yield on, consumers, free, used, mutex - 1, stored + at
        elif left and not wants_mutex and free:
            yield on, consumers, free - 1, used, mutex, stored + at
    for i, at in enumerate(consumers):
        after = (*consumers[:i], (at + 1) % 3, *consumers[i + 1 :])
        if at == 0 and used:
            yield producers, after, free, used - 1, mutex, stored
        elif at == 1 and mutex:
            yield producers, after, free, used, mutex - 1, stored - 1
        elif at == 2:
            yield producers, after, free + 1, used, mutex + 1, stored


def count(
    producers: int = 2, consumers: int = 1, capacity: int = 1, items: int = 2, swapped: bool = False
) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (((items, 0),) * producers, (0,) * consumers, capacity, 0, 1, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, swapped):
            edges.append((s, t))
            if t not in depth:
                depth[t] = depth[s] + 1
                queue.append(t)

    def first(bad: Callable[[State], bool]) -> int | None:
        return min((d for s, d in depth.items() if bad(s)), default=None)

    moving = {s for s, _ in edges}
    return (
        len(depth),
        len(edges),
        max(depth.values()),
        {
            "stock_fits": first(lambda s: s[5] > capacity),
            "everything is consumed": first(lambda s: s[5] == 0 and not any(left for left, _ in s[0])),
            "deadlock_freedom": first(lambda s: s not in moving and (any(left for left, _ in s[0]) or any(s[1]))),
        },
    )
