"""The complement of an integer."""

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
        mm.n = ~mm.n

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
bit_complement.py:21: of the operators before a value only not, - and + are part of the language
    mm.n = ~mm.n
           ^^^^^
"""
