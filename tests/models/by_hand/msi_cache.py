"""Cache coherence, counted by hand.

A state: for each CPU its letter (i, s, m), value and next operation (None: not yet chosen), then memory and the value
stored last.
"""

from collections.abc import Callable, Iterator

Cpu = tuple[str, int, str | None]
State = tuple[tuple[Cpu, ...], int, int]


def successors(s: State, invalidates: bool) -> Iterator[State]:
    for c, (letter, value, op) in enumerate(s[0]):
        cpus, memory, last = list(s[0]), s[1], s[2]
        owners = [v for other, v, _ in s[0] if other == "m"]
        if op is None:
            for chosen in ("load", "store", "evict"):
                yield (*s[0][:c], (letter, value, chosen), *s[0][c + 1 :]), memory, last
        elif op == "load":
            cpus[c] = (letter, value, None)
            if letter == "i":
                memory = owners[-1] if owners else memory
                cpus = [("s" if a == "m" else a, v, o) for a, v, o in s[0]]
                cpus[c] = ("s", memory, None)
            yield tuple(cpus), memory, last
        elif op == "evict":
            cpus[c] = ("i", 0, None)
            yield tuple(cpus), value if letter == "m" else memory, last
        else:
            for d, (other, v, o) in enumerate(s[0]):
                if d != c and other == "m":
                    memory = v
                if d != c and other != "i":
                    cpus[d] = ("i", 0, o) if invalidates else ("s", v, o)
            for new in (0, 1):
                yield (*cpus[:c], ("m", new, None), *cpus[c + 1 :]), memory, new


def count(cpus: int = 2, invalidates: bool = True) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = ((("i", 0, None),) * cpus, 0, 0)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, invalidates):
            edges.append((s, t))
            if t not in depth:
                depth[t] = depth[s] + 1
                queue.append(t)

    def first(bad: Callable[[State], bool]) -> int | None:
        return min((d for s, d in depth.items() if bad(s)), default=None)

    def letters(s: State) -> str:
        return "".join(letter for letter, _, _ in s[0])

    moving = {s for s, _ in edges}
    return (
        len(depth),
        len(edges),
        max(depth.values()),
        {
            "caches_are_fresh": first(lambda s: any(a != "i" and v != s[2] for a, v, _ in s[0])),
            "one_owner": first(lambda s: "m" in letters(s) and letters(s).count("i") < cpus - 1),
            "only_owners_change_memory": min(
                (
                    depth[s] + 1
                    for s, t in edges
                    if s[1] != t[1] and not any(a == "m" and v != s[1] for a, v, _ in s[0])
                ),
                default=None,
            ),
            "all share": first(lambda s: letters(s) == "s" * cpus),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
