"""The cached entry, counted by hand.

A state: the reader is about to use, its copy, the entry (value, dirty) or None, told to forget, the entry used last.
"""

from collections.abc import Callable, Iterator

Entry = tuple[int, bool]
State = tuple[bool, Entry | None, Entry | None, bool, Entry | None]


def successors(s: State) -> Iterator[State]:
    about_to_use, copy, entry, stale, used = s
    if about_to_use:
        yield False, None if stale else copy, entry, False, copy
    else:
        yield True, copy or entry, entry, stale, used
    for value in (0, 1, 2):
        yield about_to_use, copy, (value, True), stale, used
    if entry is not None:
        yield about_to_use, copy, (entry[0], False) if entry[1] else None, stale, used
    if not stale:
        yield about_to_use, copy, entry, True, used


def count() -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (False, None, None, False, None)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s):
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
            "used_entries_are_fresh": first(lambda s: s[4] is not None and s[4] != s[2]),
            "a dirty entry is used": first(lambda s: s[4] == (2, True)),
            "assertions": None,  # there is an entry whenever it is written back
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
