"""A value of another sort stored."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.n

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
wrong_sort.py:22: mm.x can't hold it: an int is not a value of the sort bool
    mm.x = mm.n
    ^^^^^^^^^^^
"""
