"""The range of a declared local is checked when the action ends, not at each assignment."""

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
        await step("start")
        x = local(Range(0, 3), 1)
        x += 5
        x -= c.n + 3
        await step("store")
        c.n = x
        x += 1
        await step("leave")
        c.n = 0

    @m.thread("other")
    async def other() -> None:
        await step("count")
        c.n = 2

    return m
