"""choose of 1 and True: two values for the lowering, one for CPython, which compares them with ==."""

from __future__ import annotations

from explorer.language import Model, Part, Range, choose, step, var


class Pair(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "pair")
        self.count = var(Range(0, 2), 0)


def model() -> Model:
    m = Model()
    pair = Pair(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("choose")
        pair.count = choose((1, True, 2, 1))

    return m
