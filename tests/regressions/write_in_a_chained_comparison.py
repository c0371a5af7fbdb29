"""A routine that writes, called in the third place of a chained comparison: the lowering ended with an internal error."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 3), 0)
        self.k = var(Range(0, 3), 1)
        self.ordered = var(bool, False)

    def bump(self) -> int:
        self.n = min(self.n + 1, 3)
        return self.n


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        for _ in range(3):
            await step("compare")
            c.ordered = c.n < c.k < c.bump() + 1

    @m.thread("other")
    async def other() -> None:
        await step("set")
        c.k = 3

    return m
