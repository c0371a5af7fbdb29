"""The lost update, counted by hand. A state: for each worker (rounds left, what it read or None), count, checked."""

from collections.abc import Callable, Iterator

State = tuple[tuple[tuple[int, int | None], ...], int, bool]


def successors(s: State, total: int, atomic: bool) -> Iterator[State | None]:
    workers, value, checked = s
    for w, (left, seen) in enumerate(workers):
        before, behind = workers[:w], workers[w + 1 :]
        if seen is not None:
            yield (*before, (left - 1, None), *behind), seen + 1, checked
        elif left and atomic:
            yield (*before, (left - 1, None), *behind), value + 1, checked
        elif left:
            yield (*before, (left, value), *behind), value, checked
    if not checked and not any(left for left, _ in workers):
        yield (workers, value, True) if value == total else None


def count(workers: int = 2, rounds: int = 2, atomic: bool = False) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (((rounds, None),) * workers, 0, False)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State | None]] = []
    for s in queue:
        for t in successors(s, workers * rounds, atomic):
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
            "never_goes_down": min((depth[s] + 1 for s, t in edges if t is not None and t[1] < s[1]), default=None),
            "assertions": min((depth[s] + 1 for s, t in edges if t is None), default=None),
            "the first is done": first(lambda s: s[0][0][0] == 0),
            "checked": first(lambda s: s[2]),
            "deadlock_freedom": first(lambda s: s not in moving and not s[2]),
        },
    )
