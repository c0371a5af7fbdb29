"""The test-and-set lock, counted by hand. A state: the lock, and for each CPU where it is and its failures so far."""

from collections.abc import Callable, Iterator

State = tuple[bool, tuple[tuple[str, int], ...]]


def successors(s: State, tries: int, atomic: bool) -> Iterator[State]:
    locked, cpus = s
    for c, (where, tried) in enumerate(cpus):
        before, behind = cpus[:c], cpus[c + 1 :]
        if where == "test" and locked:
            yield True, (*before, ("test", tried + 1) if tried + 1 < tries else ("sleep", 0), *behind)
        elif where == "test" and not atomic:
            yield False, (*before, ("set", 0), *behind)
        elif where == "test" or where == "set":
            yield True, (*before, ("inside", 0), *behind)
        elif where == "sleep" and not locked:
            yield False, (*before, ("test", 0), *behind)
        elif where == "inside":
            yield False, (*before, ("test", 0), *behind)


def count(cpus: int = 2, tries: int = 2, atomic: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (False, (("test", 0),) * cpus)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, tries, atomic):
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
            "mutual_exclusion": first(lambda s: [w for w, _ in s[1]].count("inside") > 1),
            "the last CPU gets in": first(lambda s: s[1][-1][0] == "inside"),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
