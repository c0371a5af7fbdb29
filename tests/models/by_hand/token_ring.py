"""The token ring, counted by hand.

A state: a bit for each station in tokens, waiting and inside; tokens lost so far.
"""

from collections.abc import Callable, Iterator

State = tuple[int, int, int, int]


def successors(s: State, n: int, losses: int, patient: bool) -> Iterator[State]:
    tokens, waiting, inside, lost = s
    for p in range(n):
        bit = 1 << p
        if not (waiting | inside) & bit:
            yield tokens, waiting | bit, inside, lost
        if tokens & waiting & bit:
            yield tokens, waiting & ~bit, inside | bit, lost
        if inside & bit:
            yield tokens, waiting, inside & ~bit, lost
        elif tokens & bit:
            yield tokens & ~bit | 1 << (p + 1) % n, waiting, inside, lost
            if lost < losses:
                yield tokens & ~bit, waiting, inside, lost + 1
    if tokens == 0 or (lost > 0 and not patient):
        yield tokens | 1, waiting, inside, lost


def count(n: int = 3, losses: int = 1, patient: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (1, 0, 0, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, n, losses, patient):
            edges.append((s, t))
            if t not in depth:
                depth[t] = depth[s] + 1
                queue.append(t)

    def first(bad: Callable[[State], bool]) -> int | None:
        return min((d for s, d in depth.items() if bad(s)), default=None)

    return (
        len(depth),
        len(edges),
        max(depth.values()),
        {
            "one_token": first(lambda s: s[0].bit_count() > 1),
            "one_inside": first(lambda s: s[2].bit_count() > 1),
            "no token": first(lambda s: s[0] == 0),
            "everyone waits": first(lambda s: s[1] == (1 << n) - 1),
        },
    )
