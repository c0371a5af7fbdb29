"""The sequence lock, counted by hand.

A state: writer (value, steps done), readers (what each has read so far), seq, a, b.
"""

from collections.abc import Callable, Iterator

State = tuple[tuple[int, int], tuple[tuple[str, tuple[int, ...]], ...], int, int, int]


def successors(s: State, writes: int, period: int) -> Iterator[State | None]:
    (value, at), readers, seq, a, b = s
    if value <= writes:
        writer = (value, at + 1) if at < 3 else (value + 1, 0)
        counted = (seq + 1) % period if at in (0, 3) else seq
        yield writer, readers, counted, value if at == 1 else a, value if at == 2 else b
    to: tuple[str, tuple[int, ...]]
    for r, (where, read) in enumerate(readers):
        if where == "begin":
            to = ("a", (seq,)) if seq % 2 == 0 else ("begin", ())
        elif where == "a":
            to = ("b", (*read, a))
        elif where == "b":
            to = ("retry", (*read, b))
        elif where == "retry":
            to = ("use", read[1:]) if read[0] == seq else ("begin", ())
        elif where == "use" and read[0] != read[1]:
            yield None
            continue
        elif where == "use":
            to = ("done", ())
        else:
            continue
        yield s[0], (*readers[:r], to, *readers[r + 1 :]), seq, a, b


def count(readers: int = 1, writes: int = 2, period: int = 6) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = ((1, 0), (("begin", ()),) * readers, 0, 0, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State | None]] = []
    for s in queue:
        for t in successors(s, writes, period):
            edges.append((s, t))
            if t is not None and t not in depth:
                depth[t] = depth[s] + 1
                queue.append(t)

    def first(bad: Callable[[State], bool]) -> int | None:
        return min((d for s, d in depth.items() if bad(s)), default=None)

    moving = {s for s, _ in edges}
    steps = [(s, t) for s, t in edges if t is not None]
    return (
        len(depth),
        len(edges),
        max(depth.values()),
        {
            "words_differ_only_while_odd": first(lambda s: s[3] != s[4] and s[2] % 2 == 0),
            "counter_goes_up_by_one": min(
                (depth[s] + 1 for s, t in steps if t[2] not in (s[2], (s[2] + 1) % period)), default=None
            ),
            "assertions": min((depth[s] + 1 for s, t in edges if t is None), default=None),
            "a reader is done before the writer": first(lambda s: s[1][0][0] == "done" and s[0][0] <= writes),
            "deadlock_freedom": first(
                lambda s: s not in moving and (s[0][0] <= writes or any(w != "done" for w, _ in s[1]))
            ),
        },
    )
