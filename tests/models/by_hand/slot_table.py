"""The slot table, counted by hand. A state: for each client what it does and with which slot. Who gives back, owns."""

from collections.abc import Callable, Iterator

State = tuple[tuple[str, int], ...]


def successors(s: State, slots: int, atomic: bool) -> Iterator[State]:
    for c, (does, slot) in enumerate(s):
        if does == "look" and ("own", slot) in s:
            to = ("look", slot + 1) if slot + 1 < slots else ("rest", 0)
        elif does == "look" and not atomic:
            to = ("take", slot)
        elif does == "look" or does == "take":
            to = ("own", slot)
        else:
            to = ("look", 0)
        yield (*s[:c], to, *s[c + 1:])


def count(clients: int = 2, slots: int = 2, atomic: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (("look", 0),) * clients
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, slots, atomic):
            edges.append((s, t))
            if t not in depth:
                depth[t] = depth[s] + 1
                queue.append(t)

    def first(bad: Callable[[State], bool]) -> int | None:
        return min((d for s, d in depth.items() if bad(s)), default=None)

    moving = {s for s, _ in edges}
    return len(depth), len(edges), max(depth.values()), {
        "one_owner_each": first(lambda s: any(s.count(("own", k)) > 1 for k in range(slots))),
        "one_slot_each": None,  # a client is in one place
        "somebody else gave it back": None,  # who gives back owns
        "all slots in use": first(lambda s: all(("own", k) in s for k in range(slots))),
        "deadlock": first(lambda s: s not in moving),
    }
