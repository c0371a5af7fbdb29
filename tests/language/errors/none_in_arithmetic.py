"""None in arithmetic."""

from __future__ import annotations

from explorer.language import Model, Part, Range, optional, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(optional(Range(0, 1)), None)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.n = mm.n + 1

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
none_in_arithmetic.py:21: mm.n is None, no number
    mm.n = mm.n + 1
           ^^^^^^^^
"""
