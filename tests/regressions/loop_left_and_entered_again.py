"""A loop with an await, left and entered again in one step because a for goes round: refused as a loop without await."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 3), 2)


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("start")
        for i in range(3):
            while c.n > i:
                await step("take")
                c.n -= 1
                if c.n == 1:
                    break
            c.n = min(c.n + 1, 3)

    return m
