"""The bounded buffer, counted by hand.

A state: items put (one more once closed), consumer (where, item, expected), slots, head, tail, used.
"""

from collections.abc import Callable, Iterator

State = tuple[int, tuple[str, int, int], tuple[int, ...], int, int, int]


def successors(s: State, capacity: int, items: int, checked: bool) -> Iterator[State | str]:
    put, (where, item, expected), slots, head, tail, used = s
    if put < items and (used < capacity or not checked):
        filled = (*slots[:tail], put, *slots[tail + 1 :])
        yield put + 1, s[1], filled, head, (tail + 1) % capacity, min(used + 1, capacity)
    if put == items:
        yield put + 1, s[1], slots, head, tail, used
    if where == "use":
        yield (put, ("get", 0, expected + 1), slots, head, tail, used) if item == expected else "out of order"
    elif where == "get" and used:
        yield put, ("use", slots[head], expected), slots, (head + 1) % capacity, tail, used - 1
    elif where == "get" and put > items:
        yield (put, ("done", 0, 0), slots, head, tail, used) if expected == items else "items lost"


def count(capacity: int = 2, items: int = 4, checked: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (0, ("get", 0, 0), (0,) * capacity, 0, 0, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State | str]] = []
    for s in queue:
        for t in successors(s, capacity, items, checked):
            edges.append((s, t))
            if not isinstance(t, str) and t not in depth:
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
            "ends_agree": first(lambda s: (s[3] + s[5]) % capacity != s[4]),
            "assertions": min((depth[s] + 1 for s, t in edges if isinstance(t, str)), default=None),
            "full": first(lambda s: s[5] == capacity),
            "consumer is done": first(lambda s: s[1][0] == "done"),
            "deadlock_freedom": first(lambda s: s not in moving and (s[0] <= items or s[1][0] != "done")),
        },
    )
