"""Semaphores, counted by hand. A state: producers (items left, steps done), consumers (steps done), free, used, mutex."""

from collections.abc import Callable, Iterator

State = tuple[tuple[tuple[int, int], ...], tuple[int, ...], int, int, int]


def successors(s: State, swapped: bool) -> Iterator[State]:
    producers, consumers, free, used, mutex = s
    for i, (left, at) in enumerate(producers):
        def moved(left: int, at: int, i: int = i) -> tuple[tuple[int, int], ...]:
            return (*producers[:i], (left, at), *producers[i + 1:])

        if left and at == 2:
            yield moved(left - 1, 0), consumers, free, used + 1, mutex + 1
        elif left and (at == 0) == swapped and mutex:
            yield moved(left, at + 1), consumers, free, used, mutex - 1
        elif left and (at == 0) != swapped and free:
            yield moved(left, at + 1), consumers, free - 1, used, mutex
    for i, at in enumerate(consumers):
        rest = (*consumers[:i], (at + 1) % 3, *consumers[i + 1:])
        if at == 0 and used:
            yield producers, rest, free, used - 1, mutex
        elif at == 1 and mutex:
            yield producers, rest, free, used, mutex - 1
        elif at == 2:
            yield producers, rest, free + 1, used, mutex + 1


def stored(s: State, items: int) -> int:
    return sum(items - left + (at == 2) for left, at in s[0])


def count(
    producers: int = 2, consumers: int = 1, capacity: int = 1, items: int = 2, swapped: bool = False
) -> tuple[int, int, int, dict[str, int | None]]:
    # how much was consumed is a count of its own, so that `stored` is known
    start = ((((items, 0),) * producers, (0,) * consumers, capacity, 0, 1), 0)
    depth: dict[tuple[State, int], int] = {start: 0}
    queue: list[tuple[State, int]] = [start]
    edges: list[tuple[tuple[State, int], tuple[State, int]]] = []
    for s in queue:
        for after in successors(s[0], swapped):
            t = (after, s[1] + sum(a == 1 and b == 2 for a, b in zip(s[0][1], after[1], strict=True)))
            edges.append((s, t))
            if t not in depth:
                depth[t] = depth[s] + 1
                queue.append(t)

    def first(bad: Callable[[State, int], bool]) -> int | None:
        return min((d for (s, eaten), d in depth.items() if bad(s, stored(s, items) - eaten)), default=None)

    # two states that differ only in what was consumed have different stocks, or not: count what the model declares
    declared = {(s, stored(s, items) - eaten) for s, eaten in queue}
    moves = {((s, stored(s, items) - e), (t, stored(t, items) - f)) for (s, e), (t, f) in edges}
    moving = {s for (s, _), _ in edges}
    return len(declared), len(moves), max(depth.values()), {
        "stock_fits": first(lambda s, n: n > capacity),
        "everything is consumed": first(lambda s, n: n == 0 and all(left == 0 for left, _ in s[0])),
        "deadlock": first(lambda s, n: s not in moving and (any(p[0] for p in s[0]) or any(s[1]))),
    }
