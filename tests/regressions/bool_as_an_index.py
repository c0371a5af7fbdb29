"""A truth value as the index of an array over integers: True is 1 in Python, but CPython's run refused it."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Pair(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "pair")
        self.side = var(bool, False)
        self.count = array(Range(0, 1), Range(0, 2), lambda i: i)


def model() -> Model:
    m = Model()
    pair = Pair(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("count")
        pair.count[pair.side] = 2
        pair.count[True] = 0

    @m.thread("other")
    async def other() -> None:
        await step("turn")
        pair.side = not pair.side

    return m
