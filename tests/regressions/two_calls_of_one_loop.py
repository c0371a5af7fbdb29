"""A routine with a loop, called twice in a row: the second call was refused as a loop without await.

Loops in progress were known by the address of their activation, and the second activation got the address of the first.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Queues(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "q")
        self.a = var(Range(0, 2), 1)
        self.b = var(Range(0, 2), 2)

    async def drain(self, first: bool) -> None:
        while (self.a if first else self.b) > 0:
            await step("take")
            if first:
                self.a -= 1
            else:
                self.b -= 1


def model() -> Model:
    m = Model()
    q = Queues(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("start")
        await q.drain(True)
        await q.drain(False)

    @m.thread("other")
    async def other() -> None:
        await step("fill")
        q.b = 1

    return m
