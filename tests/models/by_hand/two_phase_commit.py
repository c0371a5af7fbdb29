"""Two-phase commit, counted by hand.

A state: the letter of each manager, that of the transaction manager, whom it has heard from, and the messages sent so
far: "commit", "abort", or the number of a manager that is prepared.
"""

from collections.abc import Callable, Iterator

State = tuple[str, str, frozenset[int], frozenset[int | str]]


def successors(s: State) -> Iterator[State]:
    rms, tm, heard, sent = s
    if tm == "i":
        if len(heard) == len(rms):
            yield rms, "c", heard, sent | {"commit"}
        yield rms, "a", heard, sent | {"abort"}
    for r in range(len(rms)):
        before, behind = rms[:r], rms[r + 1 :]
        if tm == "i" and r in sent:
            yield rms, tm, heard | {r}, sent
        if rms[r] == "w":
            yield before + "p" + behind, tm, heard, sent | {r}
            yield before + "a" + behind, tm, heard, sent
        if "commit" in sent:
            yield before + "c" + behind, tm, heard, sent
        if "abort" in sent:
            yield before + "a" + behind, tm, heard, sent


def count(rms: int = 3) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = ("w" * rms, "i", frozenset(), frozenset())
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

    return (
        len(depth),
        len(edges),
        max(depth.values()),
        {
            "consistent": first(lambda s: "a" in s[0] and "c" in s[0]),
            "all aborted": first(lambda s: s[0] == "a" * rms),
            "all committed": first(lambda s: s[0] == "c" * rms),
        },
    )
