"""Dekker's lock, counted by hand. A state: where process 0 and 1 are, their flags, the turn."""

from collections.abc import Callable, Iterator

State = tuple[str, str, bool, bool, int]


def successors(s: State) -> Iterator[State]:
    for p in (0, 1):
        at, wants, turn = list(s[:2]), list(s[2:4]), s[4]
        here = at[p]
        if here == "raise" or here == "again":
            at[p], wants[p] = "look", True
        elif here == "look":
            at[p] = "whose" if wants[1 - p] else "inside"
        elif here == "whose":
            at[p] = "look" if turn == p else "lower"
        elif here == "lower":
            at[p], wants[p] = "wait", False
        elif here == "wait":
            if turn != p:
                continue
            at[p] = "again"
        elif here == "inside":
            at[p], turn = "end", 1 - p
        elif here == "end":
            at[p], wants[p] = "raise", False
        yield at[0], at[1], wants[0], wants[1], turn


def count() -> tuple[int, int, int, dict[str, int | None]]:
    start = ("raise", "raise", False, False, 0)
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
            "mutual_exclusion": first(lambda s: s[0] == s[1] == "inside"),
            "a process gives way": first(lambda s: s[1] == "inside" and s[4] == 1),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
