"""The slot table, counted by hand. A state: for each client what it does and with which slot; who owns which slot."""

from collections.abc import Callable, Iterator

State = tuple[tuple[tuple[str, int], ...], frozenset[tuple[int, int]]]


def successors(s: State, slots: int, atomic: bool) -> Iterator[State | None]:
    clients, owns = s
    for c, (does, slot) in enumerate(clients):
        after = owns
        if does == "look" and any(k == slot for _, k in owns):
            to = ("look", slot + 1) if slot + 1 < slots else ("rest", 0)
        elif does == "look" and not atomic:
            to = ("take", slot)
        elif does == "look" or does == "take":
            to, after = ("own", slot), owns | {(c, slot)}
        elif does == "own" and (c, slot) not in owns:
            yield None
            continue
        else:
            to, after = ("look", 0), owns - {(c, slot)} if does == "own" else owns
        yield (*clients[:c], to, *clients[c + 1 :]), after


def count(clients: int = 2, slots: int = 2, atomic: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = ((("look", 0),) * clients, frozenset())
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State | None]] = []
    for s in queue:
        for t in successors(s, slots, atomic):
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
            "one_owner_each": first(lambda s: len({k for _, k in s[1]}) < len(s[1])),
            "one_slot_each": first(lambda s: len({c for c, _ in s[1]}) < len(s[1])),
            "assertions": min((depth[s] + 1 for s, t in edges if t is None), default=None),
            "all slots in use": first(lambda s: len({k for _, k in s[1]}) == slots),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
