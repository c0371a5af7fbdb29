"""A routine that returns a value on one way only."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    async def look():
        await step("look")
        if box.count == 0:
            return 1

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        n = await look()
        box.count = n

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
routine_returns_sometimes.py:27: box.count can't hold it: None is not a value of the sort 0..3
    box.count = n
    ^^^^^^^^^^^^^
"""
