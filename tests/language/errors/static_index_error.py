"""A static tuple indexed outside."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)
        self.limits = (1, 2)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.n = mm.limits[3]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
static_index_error.py:22: mm.limits[3] fails: IndexError: tuple index out of range
    mm.n = mm.limits[3]
           ^^^^^^^^^^^^
"""
