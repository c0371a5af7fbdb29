"""`a[f()] += g()`: the index was evaluated a second time for the store, after g() had changed what it depends on."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Ring(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "ring")
        self.slot = array(Range(0, 2), Range(0, 5), lambda i: i)
        self.head = var(Range(0, 2), 0)

    def next(self) -> int:
        self.head = (self.head + 1) % 3
        return self.head


def model() -> Model:
    m = Model()
    ring = Ring(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("index first")
        ring.slot[ring.head] += ring.next()
        await step("once")
        ring.slot[ring.next()] += 1

    @m.thread("other")
    async def other() -> None:
        await step("turn")
        ring.head = 1

    return m
