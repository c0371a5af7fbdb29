"""Readers and writers, counted by hand.

A state: for each reader (rounds left, a as it read it, or None outside), for each writer (rounds left, 0 idle 1
queued 2 writing), holders, waiting, a, b.
"""

from collections.abc import Callable, Iterator

State = tuple[tuple[tuple[int, int | None], ...], tuple[tuple[int, int], ...], int, int, int, int]


def successors(s: State, locks: bool) -> Iterator[State | None]:
    readers, writers, holders, waiting, a, b = s
    for i, (left, seen) in enumerate(readers):
        before, behind = readers[:i], readers[i + 1 :]
        if seen is not None:
            down = holders - 1 if locks else holders
            yield ((*before, (left - 1, None), *behind), writers, down, waiting, a, b) if seen == b else None
        elif left and (not locks or (holders >= 0 and waiting == 0)):
            yield (*before, (left, a), *behind), writers, holders + 1 if locks else holders, waiting, a, b
    for i, (left, at) in enumerate(writers):
        before2, behind2 = writers[:i], writers[i + 1 :]
        if left and at == 0:
            yield readers, (*before2, (left, 1), *behind2), holders, waiting + 1, a, b
        elif at == 1 and holders == 0:
            yield readers, (*before2, (left, 2), *behind2), -1, waiting - 1, (a + 1) % 3, b
        elif at == 2:
            yield readers, (*before2, (left - 1, 0), *behind2), 0, waiting, a, (b + 1) % 3


def count(
    readers: int = 2, writers: int = 1, rounds: int = 1, locks: bool = True
) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (((rounds, None),) * readers, ((rounds, 0),) * writers, 0, 0, 0, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State | None]] = []
    for s in queue:
        for t in successors(s, locks):
            edges.append((s, t))
            if t is not None and t not in depth:
                depth[t] = depth[s] + 1
                queue.append(t)

    def first(bad: Callable[[State], bool]) -> int | None:
        return min((d for s, d in depth.items() if bad(s)), default=None)

    def done(s: State) -> bool:
        return not any(left for left, _ in s[0]) and not any(left for left, _ in s[1])

    moving = {s for s, _ in edges}
    return (
        len(depth),
        len(edges),
        max(depth.values()),
        {
            "a_writer_is_alone": first(lambda s: locks and s[2] == -1 and any(seen is not None for _, seen in s[0])),
            "assertions": min((depth[s] + 1 for s, t in edges if t is None), default=None),
            "all readers inside at once": first(lambda s: s[2] == readers),
            "everyone is done": first(done),
            "deadlock_freedom": first(lambda s: s not in moving and not done(s)),
        },
    )
