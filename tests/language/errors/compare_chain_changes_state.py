"""A call that changes the state, where it may or may not be evaluated."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)

    def take(self) -> int:
        self.n = 1
        return self.n


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        if 0 < mm.n < mm.take():
            mm.n = 0

    return m
