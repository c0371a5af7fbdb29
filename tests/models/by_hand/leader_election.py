"""Leader election, counted by hand. A state: who has started, the messages (to, number) under way, the leaders."""

from collections.abc import Callable, Iterator

State = tuple[frozenset[int], frozenset[tuple[int, int]], frozenset[int]]


def successors(s: State, n: int) -> Iterator[State]:
    started, messages, leaders = s
    for i in set(range(n)) - started:
        yield started | {i}, messages | {((i + 1) % n, i)}, leaders
    for to, number in messages:
        rest = messages - {(to, number)}
        if number > to:
            yield started, rest | {((to + 1) % n, number)}, leaders
        else:
            yield started, rest, leaders | {to} if number == to else leaders


def count(n: int = 3) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (frozenset(), frozenset(), frozenset())
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, n):
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
            "one_leader": first(lambda s: len(s[2]) > 1),
            "highest_leads": first(lambda s: not s[2] <= {n - 1}),
            "no_message_comes_home": first(lambda s: any(to == number for to, number in s[1])),
            "elected": first(lambda s: bool(s[2])),
            "0 is elected": first(lambda s: 0 in s[2]),
        },
    )
