"""A variable that goes below its range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("count down")
        mm.n -= 1

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_below.py:21: mm.n would become -1; its range is 0..3
    mm.n -= 1
    ^^^^^^^^^
"""
