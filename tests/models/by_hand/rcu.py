"""Read-copy-update, counted by hand.

A state: for each reader (0 outside, 1 locked, 2 has read, 3 has used; the version it has read), the updater (where,
version to free, readers it waits for), current version, versions freed.
"""

from collections.abc import Callable, Iterator

Updater = tuple[str, int, frozenset[int]]
State = tuple[tuple[tuple[int, int], ...], Updater, int, frozenset[int]]
NOBODY: frozenset[int] = frozenset()


def successors(s: State, waits: bool) -> Iterator[State | None]:
    readers, (where, old, waited), current, freed = s
    for r, (at, version) in enumerate(readers):
        if at == 2 and version in freed:
            yield None
        else:
            to = ((1, 0), (2, current), (3, 0), (0, 0))[at]
            yield (*readers[:r], to, *readers[r + 1 :]), s[1], current, freed
    inside = frozenset(r for r, (at, _) in enumerate(readers) if at)
    if where == "publish":
        yield readers, ("look" if waits else "free", current, NOBODY), 1 - current, freed - {1 - current}
    elif where == "look":
        yield readers, ("wait", old, inside) if inside else ("free", old, NOBODY), current, freed
    elif where == "wait" and not waited <= inside:
        left = waited & inside
        yield readers, ("wait", old, left) if left else ("free", old, NOBODY), current, freed
    elif where == "free":
        yield readers, ("publish", 0, NOBODY), current, freed | {old}


def count(readers: int = 2, waits: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (((0, 0),) * readers, ("publish", 0, NOBODY), 0, frozenset({1}))
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State | None]] = []
    for s in queue:
        for t in successors(s, waits):
            edges.append((s, t))
            if t is not None and t not in depth:
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
            "current_is_allocated": first(lambda s: s[2] in s[3]),
            "assertions": min((depth[s] + 1 for s, t in edges if t is None), default=None),
            "freed while somebody reads": first(lambda s: 0 in s[3] and any(at for at, _ in s[0])),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
