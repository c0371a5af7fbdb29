"""An array indexed by bool: under CPython every index was refused, and the two spelled its elements differently."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Pair(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "pair")
        self.side = var(bool, False)
        self.count = array(bool, Range(0, 2), lambda b: int(b))


def model() -> Model:
    m = Model()
    pair = Pair(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("count")
        pair.count[pair.side] += 1
        await step("turn")
        pair.side = not pair.side
        pair.count[True] = 2

    return m
