"""Dijkstra's ring, counted by hand. A state: the numbers, then the faults left."""

from collections.abc import Callable, Iterator

State = tuple[tuple[int, ...], int]


def privileged(x: tuple[int, ...]) -> list[int]:
    return [i for i in range(len(x)) if (x[i] == x[i - 1]) == (i == 0)]


def successors(s: State, k: int) -> Iterator[State]:
    x, left = s
    for i in privileged(x):
        yield (*x[:i], x[i - 1] if i else (x[0] + 1) % k, *x[i + 1 :]), left
    if left:
        for i in range(len(x)):
            for v in set(range(k)) - {x[i]}:
                yield (*x[:i], v, *x[i + 1 :]), left - 1


def count(n: int = 3, k: int = 3, faults: int = 1) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = ((0,) * n, faults)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, k):
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
            "somebody_is_privileged": first(lambda s: not privileged(s[0])),
            "one_privilege_without_faults": first(lambda s: s[1] == faults and len(privileged(s[0])) != 1),
            "only_faults_add_privileges": min(
                (depth[s] + 1 for s, t in edges if s[1] == t[1] and len(privileged(t[0])) > len(privileged(s[0]))),
                default=None,
            ),
            "always_one_privilege": first(lambda s: len(privileged(s[0])) != 1),
            "everyone is privileged": first(lambda s: len(privileged(s[0])) == n),
        },
    )
