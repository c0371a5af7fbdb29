"""Two names for three values."""

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
        mm.n, other = 1, 2, 3

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
unpacking_too_few.py:21: 3 values can't be unpacked into 2 names
    mm.n, other = 1, 2, 3
    ^^^^^^^^^^^
"""
