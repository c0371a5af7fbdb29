"""A bool stored in a range: CPython kept False where the System has 0."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Pair(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "pair")
        self.side = var(bool, False)
        self.count = var(Range(0, 2), 1)
        self.many = array(Range(0, 1), Range(0, 2), lambda i: i)


def model() -> Model:
    m = Model()
    pair = Pair(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("count")
        pair.count = pair.side
        pair.many[pair.count] = pair.count == 0

    @m.thread("other")
    async def other() -> None:
        await step("turn")
        pair.side = not pair.side

    return m
