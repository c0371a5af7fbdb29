"""The high-water mark, counted by hand.

A state: the watcher is about to show, its mark, level, reset asked for, shown.
"""

from collections.abc import Callable, Iterator

State = tuple[bool, int, int, bool, int]


def successors(s: State, top: int) -> Iterator[State]:
    about_to_show, mark, level, reset, shown = s
    if about_to_show:
        yield False, mark, level, reset, mark
    else:
        yield True, 0 if reset else max(mark, level), level, False, shown
    for other in range(top + 1):
        if other != level:
            yield about_to_show, mark, other, reset, shown
    if not reset:
        yield about_to_show, mark, level, True, shown


def count(top: int = 2) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (False, 0, 0, False, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, top):
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
            "shown_is_not_stale": first(lambda s: s[4] < s[2]),
            "only_the_sensor_moves_the_level": min(
                (depth[s] + 1 for s, t in edges if s[2] != t[2] and s[4] != t[4]), default=None
            ),
            "the mark goes down": first(lambda s: s[4] == 0 and s[2] == top),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
