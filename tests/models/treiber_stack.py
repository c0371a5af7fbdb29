"""A lock-free stack (Treiber) with the ABA problem.

Pop reads the top node, then its successor, then swaps the top if it is still the node that it read. Between these steps
another thread may pop that node and the next, and push the first one again: the swap succeeds and makes a node the top
that somebody holds. A tag counted modulo `tags` that every pop changes (1: no tag) makes the swap fail, until the tag
comes round.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, optional, step, var


class Stack(Part):
    def __init__(self, m: Model, nodes: int, tags: int) -> None:
        super().__init__(m, "stack")
        self.tags = tags
        ids = Range(0, nodes - 1)
        self.top = var(optional(ids), 0)
        self.next = array(ids, optional(ids), lambda n: n + 1 if n + 1 < nodes else None)
        self.held = array(ids, bool, lambda n: False)
        self.tag = var(Range(0, tags - 1), 0)

    async def pop(self) -> int | None:
        """The node taken, None if the stack was empty."""
        while True:
            await step("read top")
            old, tag = self.top, self.tag
            if old is None:
                return None
            await step("read next")
            after = self.next[old]
            await step("swap top")
            if self.top == old and self.tag == tag:
                self.top = after
                self.tag = (self.tag + 1) % self.tags
                self.held[old] = True
                return old

    async def push(self, node: int) -> None:
        while True:
            await step("link")
            old = self.top
            self.next[node] = old
            await step("swap top")
            if self.top == old:
                self.top = node
                self.held[node] = False
                return


@always
def top_is_not_held(stack: Stack) -> bool:
    """The top of the stack is a node that nobody has popped."""
    top = stack.top
    return top is None or not stack.held[top]


def treiber_stack(*, nodes: int = 2, tags: int = 1) -> Model:
    """One thread pops and pushes one node; the other pops two and pushes them in the same order."""
    m = Model()
    stack = Stack(m, nodes, tags)

    @m.thread("one")
    async def one() -> None:
        while True:
            node = await stack.pop()
            if node is None:
                continue
            await stack.push(node)

    @m.thread("two")
    async def two() -> None:
        while True:
            first = await stack.pop()
            if first is None:
                continue
            second = await stack.pop()
            if second is None:
                await stack.push(first)
                continue
            await stack.push(first)
            await stack.push(second)

    m.require(top_is_not_held(stack))
    m.reachable("empty", lambda: stack.top is None)
    return m
