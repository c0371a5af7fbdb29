"""The barrier, counted by hand.

A state: count, sense, and for each thread where it is, its own sense and its phase.
"""

from collections.abc import Callable, Iterator

State = tuple[int, bool, tuple[tuple[str, bool, int], ...]]


def successors(s: State, flips: bool) -> Iterator[State]:
    arrived, sense, threads = s
    for i, (where, mine, phase) in enumerate(threads):

        def with_me(me: tuple[str, bool, int], i: int = i) -> tuple[tuple[str, bool, int], ...]:
            return (*threads[:i], me, *threads[i + 1 :])

        through = ("work", mine != flips, phase)
        if where == "work":
            yield arrived, sense, with_me(("arrive", mine, (phase + 1) % 4))
        elif where == "arrive" and arrived + 1 == len(threads):
            yield 0, mine, with_me(through)
        elif where == "arrive":
            yield arrived + 1, sense, with_me(("wait", mine, phase))
        elif sense == mine:
            yield arrived, sense, with_me(through)


def count(n: int = 2, flips: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (0, False, (("work", True, 0),) * n)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, flips):
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
            "nobody_is_two_phases_ahead": first(lambda s: any(abs(a[2] - b[2]) == 2 for a in s[2] for b in s[2])),
            "sense flipped": first(lambda s: s[1]),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
