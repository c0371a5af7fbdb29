"""None stored in a variable without None."""

from __future__ import annotations

from explorer.language import Model, Part, Range, optional, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)
        self.o = var(optional(Range(0, 3)), None)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.n = mm.o

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
none_stored.py:22: mm.n can't hold it: None is not a value of the sort 0..3
    mm.n = mm.o
    ^^^^^^^^^^^
"""
