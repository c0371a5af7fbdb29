"""The lock-free stack, counted by hand.

A state: top, next of each node, held, tag, then for both threads the calls still to make (pop, push or both, with the
nodes in hand), and what the call in progress has read.
"""

from collections.abc import Callable, Iterator

Node = int | None
Thread = tuple[str, tuple[int, ...], tuple[Node, ...]]  # which call, nodes in hand, what it has read
State = tuple[Node, tuple[Node, ...], tuple[bool, ...], int, tuple[Thread, ...]]


def popped(which: int, call: str, hand: tuple[int, ...], node: Node) -> Thread:
    """What a thread does after a pop: thread 0 pushes what it has, thread 1 pops a second node first."""
    if node is None:
        return ("pop", (), ()) if not hand else ("push back", hand, ())
    if which == 1 and not hand:
        return "pop second", (node,), ()
    return "push", (*hand, node), ()


def successors(s: State, tags: int) -> Iterator[State]:
    top, links, held, tag, threads = s
    for which, (call, hand, read) in enumerate(threads):
        new_top, new_links, new_held, new_tag = top, list(links), list(held), tag
        if call.startswith("pop"):
            if len(read) == 0:
                to = popped(which, call, hand, None) if top is None else (call, hand, (top, tag))
            elif len(read) == 2:
                assert read[0] is not None
                to = call, hand, (*read, links[read[0]])
            elif (top, tag) == read[:2]:
                assert top is not None
                new_top, new_tag, new_held[top] = read[2], (tag + 1) % tags, True
                to = popped(which, call, hand, top)
            else:
                to = call, hand, ()
        elif not read:
            new_links[hand[0]] = top
            to = call, hand, (top,)
        elif top == read[0]:
            new_top, new_held[hand[0]] = hand[0], False
            to = ("push", hand[1:], ()) if hand[1:] else ("pop", (), ())
        else:
            to = call, hand, ()
        yield new_top, tuple(new_links), tuple(new_held), new_tag, (*threads[:which], to, *threads[which + 1 :])


def count(nodes: int = 2, tags: int = 1) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (0, (*range(1, nodes), None), (False,) * nodes, 0, (("pop", (), ()),) * 2)
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, tags):
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
            "top_is_not_held": first(lambda s: s[0] is not None and s[2][s[0]]),
            "empty": first(lambda s: s[0] is None),
            "deadlock_freedom": first(lambda s: s not in moving),
        },
    )
