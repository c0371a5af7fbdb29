"""`n or 3` is n or 3, not a truth value."""

from __future__ import annotations

from explorer.language import Model, Part, Range, optional, step, var


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 3), 2)
        self.k = var(Range(0, 3), 0)
        self.o = var(optional(Range(0, 3)), None)


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("or")
        c.k = c.n or 3
        await step("and")
        c.k = c.k and c.n
        await step("optional")
        c.k = c.o or 1
        if c.o or c.n:
            c.o = c.o and c.o + 1

    @m.thread("other")
    async def other() -> None:
        await step("zero")
        c.n = 0
        await step("set")
        c.o = 1

    return m
