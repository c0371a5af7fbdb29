"""A remainder by zero, in a condition."""

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
        await step("go", when=lambda: 3 % mm.n == 0)
        mm.n = 1

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
remainder_by_zero.py:20: division by zero: mm.n is 0
    await step("go", when=lambda: 3 % mm.n == 0)
                                  ^^^^^^^^
"""
