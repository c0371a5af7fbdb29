"""len of something that has none."""

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
        mm.n = len(mm.n)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
length_of_an_integer.py:21: an int has no elements to go over
    mm.n = len(mm.n)
           ^^^^^^^^^
"""
