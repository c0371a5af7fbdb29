"""The ticket lock, counted by hand.

A state: next ticket, ticket served, and for each CPU IDLE, INSIDE or its ticket.
"""

from collections.abc import Callable, Iterator

IDLE, INSIDE = -1, -2
State = tuple[int, int, tuple[int, ...]]


def successors(s: State, tickets: int) -> Iterator[State]:
    upcoming, owner, cpus = s
    for c, at in enumerate(cpus):
        before, behind = cpus[:c], cpus[c + 1 :]
        if at == IDLE:
            yield (upcoming + 1) % tickets, owner, (*before, upcoming, *behind)
        elif at == INSIDE:
            yield upcoming, (owner + 1) % tickets, (*before, IDLE, *behind)
        elif at == owner:
            yield upcoming, owner, (*before, INSIDE, *behind)


def count(cpus: int = 2, tickets: int = 2) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (0, 0, (IDLE,) * cpus)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, tickets):
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
            "mutual_exclusion": first(lambda s: s[2].count(INSIDE) > 1),
            "somebody enters": first(lambda s: INSIDE in s[2]),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
