"""Peterson's lock, counted by hand.

A state: where each process is (0, 1 the two writes, 2 wait, 3 inside), flags, turn.
"""

from collections.abc import Callable, Iterator

State = tuple[int, int, bool, bool, int]


def successors(s: State, turn_first: bool) -> Iterator[State]:
    for p in (0, 1):
        at, wants, turn = list(s[:2]), list(s[2:4]), s[4]
        writes = [1, 0] if turn_first else [0, 1]
        if at[p] == 3:
            wants[p] = False
        elif at[p] == 2:
            if wants[1 - p] and turn != p:
                continue
        elif writes[at[p]] == 0:
            wants[p] = True
        else:
            turn = 1 - p
        at[p] = (at[p] + 1) % 4
        yield at[0], at[1], wants[0], wants[1], turn


def count(turn_first: bool = False) -> tuple[int, int, int, dict[str, int | None]]:
    start = (0, 0, False, False, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, turn_first):
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
            "mutual_exclusion": first(lambda s: s[0] == s[1] == 3),
            "process 1 gets in": first(lambda s: s[1] == 3),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
