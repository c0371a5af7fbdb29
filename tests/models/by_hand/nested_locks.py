"""Nested locks, counted by hand.

A state: for each thread (round, where), then stop. Who holds what follows from it.
"""

from collections.abc import Callable, Iterator

State = tuple[tuple[tuple[int, str], ...], bool]


def holds(w: int, where: str, ordered: bool) -> set[str]:
    outer, inner = ("a", "b") if ordered or w == 0 else ("b", "a")
    return {"prepare": {outer}, "inner": {outer}, "work": {outer, inner}}.get(where, set())


def successors(s: State, rounds: int, ordered: bool) -> Iterator[State]:
    threads, stop = s
    held = holds(0, threads[0][1], ordered) | holds(1, threads[1][1], ordered)
    for w, (r, where) in enumerate(threads):
        outer, inner = ("a", "b") if ordered or w == 0 else ("b", "a")
        if where == "outer" and outer not in held:
            to = (r, "prepare")
        elif where == "prepare":
            to = (0, "goodbye") if stop else (r, "inner")
        elif where == "inner" and inner not in held:
            to = (r, "work")
        elif where == "work":
            to = (0, "done") if stop else (r + 1, "outer") if r + 1 < rounds else (0, "goodbye")
        elif where == "goodbye":
            to = (0, "done")
        else:
            continue
        yield (*threads[:w], to, *threads[w + 1 :]), stop
    if not stop:
        yield threads, True


def count(rounds: int = 2, ordered: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (((0, "outer"),) * 2, False)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, rounds, ordered):
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
            "mutual_exclusion": first(lambda s: s[0][0][1] == s[0][1][1] == "work"),
            "stopped": first(lambda s: s[1] and all(where == "done" for _, where in s[0])),
            "deadlock_freedom": first(lambda s: s not in moving and any(where != "done" for _, where in s[0])),
        },
    )
