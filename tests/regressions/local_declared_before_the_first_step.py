"""`local(sort, init)` before the first step: the cell began with the least value of its sort instead of `init`."""

from __future__ import annotations

from explorer.language import Model, Part, Range, local, step, var


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        left = local(Range(0, 3), 2)
        while left > 0:
            await step("count")
            c.n += 1
            left -= 1

    return m
