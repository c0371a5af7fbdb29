"""The alternating bit protocol, counted by hand.

A state: sender (item, waits for the acknowledgement), receiver (bit it expects, message it has to acknowledge),
message under way, acknowledgement under way, items delivered.
"""

from collections.abc import Callable, Iterator

Message = tuple[int, int]  # bit, item
State = tuple[tuple[int, bool], tuple[int, Message | None], Message | None, int | None, int]


def successors(s: State, items: int, checks: bool) -> Iterator[State | None]:
    (item, sent), (expected, taken), message, ack, delivered = s
    if item < items and not sent:
        yield (item, True), s[1], (item % 2, item), ack, delivered
    elif item < items:
        yield (item + 1 if ack == item % 2 else item, False), s[1], message, None, delivered
    if taken is not None:
        yield s[0], (expected, None), message, taken[0], delivered
    elif message is not None and checks and message[0] != expected:
        yield s[0], (expected, message), None, ack, delivered
    elif message is not None:
        fits = message[1] == delivered
        yield (s[0], (1 - expected, message), None, ack, delivered + 1) if fits else None
    if message is not None:
        yield s[0], s[1], None, ack, delivered
    if ack is not None:
        yield s[0], s[1], message, None, delivered


def count(items: int = 2, checks: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = ((0, False), (0, None), None, None, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State | None]] = []
    for s in queue:
        for t in successors(s, items, checks):
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
            "one_item_at_a_time": min(
                (depth[s] + 1 for s, t in edges if t is not None and t[4] - s[4] not in (0, 1)), default=None
            ),
            "assertions": min((depth[s] + 1 for s, t in edges if t is None), default=None),
            "all delivered": first(lambda s: s[0][0] == items == s[4]),
            "deadlock_freedom": first(lambda s: s not in moving and (s[0][0] < items or s[1][1] is not None)),
        },
    )
