"""A division by zero."""

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
        await step("go")
        mm.n = 3 // mm.n

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
division_by_zero.py:21: division by zero: mm.n is 0
    mm.n = 3 // mm.n
           ^^^^^^^^^
"""
