"""in on something that is no set."""

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
        mm.x = 1 in mm.n

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
in_an_integer.py:22: in needs a set, a sort or a tuple on its right, not an int
    mm.x = 1 in mm.n
           ^^^^^^^^^
"""
