"""Dining philosophers, counted by hand.

A state: for each 0 thinking, 1 has the first fork, 2 eats, 3 has put one down.
"""

from collections.abc import Callable, Iterator

State = tuple[int, ...]


def forks(seat: int, n: int, polite: bool) -> list[int]:
    return [0, seat] if polite and seat == n - 1 else [seat, (seat + 1) % n]


def successors(s: State, polite: bool) -> Iterator[State]:
    n = len(s)
    held = {f for seat, at in enumerate(s) for f in forks(seat, n, polite)[: (0, 1, 2, 1)[at]]}
    for seat, at in enumerate(s):
        if at >= 2 or forks(seat, n, polite)[at] not in held:
            yield (*s[:seat], (at + 1) % 4, *s[seat + 1 :])


def count(n: int = 3, polite: bool = False) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (0,) * n
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, polite):
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
            "neighbours_do_not_both_eat": first(lambda s: any(s[i] == s[(i + 1) % n] == 2 for i in range(n))),
            "somebody eats": first(lambda s: 2 in s),
            "two eat at once": first(lambda s: s.count(2) == 2),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
