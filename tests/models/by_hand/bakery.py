"""The bakery, counted by hand.

A state: for each process (round, where, whom it looks at or waits for, highest seen), then who is drawing, then the
numbers.
"""

from collections.abc import Callable, Iterator

Process = tuple[int, str, int, int]
State = tuple[tuple[Process, ...], tuple[bool, ...], tuple[int, ...]]


def successors(s: State, n: int, rounds: int, door: bool) -> Iterator[State]:
    for p in range(n):
        procs, drawing, number = list(s[0]), list(s[1]), list(s[2])
        r, where, k, seen = procs[p]
        others = [q for q in range(n) if q != p]
        last = k == len(others) - 1
        if where == "start":
            drawing[p] = True
            procs[p] = (r, "look", 0, 0)
        elif where == "look":
            seen = max(seen, number[others[k]])
            procs[p] = (r, "take", 0, seen) if last else (r, "look", k + 1, seen)
        elif where == "take":
            number[p], drawing[p] = seen + 1, False
            procs[p] = (r, "door" if door else "turn", 0, 0)
        elif where == "door" and not drawing[others[k]]:
            procs[p] = (r, "turn", k, 0)
        elif where == "turn" and (number[others[k]] == 0 or (number[others[k]], others[k]) > (number[p], p)):
            procs[p] = (r, "inside", 0, 0) if last else (r, "door" if door else "turn", k + 1, 0)
        elif where == "inside":
            number[p] = 0
            procs[p] = (r + 1, "start" if r + 1 < rounds else "done", 0, 0)
        else:
            continue
        yield tuple(procs), tuple(drawing), tuple(number)


def count(n: int = 2, rounds: int = 1, door: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (((0, "start", 0, 0),) * n, (False,) * n, (0,) * n)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, n, rounds, door):
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
            "mutual_exclusion": first(lambda s: sum(p[1] == "inside" for p in s[0]) > 1),
            "two draw the same number": first(lambda s: 0 < s[2][0] == s[2][1]),
            "everyone is done": first(lambda s: all(p[1] == "done" for p in s[0])),
            "deadlock_freedom": first(lambda s: s not in moving and any(p[1] != "done" for p in s[0])),
        },
    )
