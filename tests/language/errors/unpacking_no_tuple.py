"""Unpacking something that is no tuple."""

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
        a, b = mm.n

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
unpacking_no_tuple.py:21: an int can't be unpacked into 2 names: a tuple can
    a, b = mm.n
    ^^^^
"""
