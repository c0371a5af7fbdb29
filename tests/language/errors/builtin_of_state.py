"""A library function of a value that depends on the state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


import math


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
        mm.n = math.isqrt(mm.n)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
builtin_of_state.py:24: math.isqrt() can't take a value that depends on the state
    mm.n = math.isqrt(mm.n)
           ^^^^^^^^^^^^^^^^
"""
