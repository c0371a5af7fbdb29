"""A loop over an array of state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        for bit in mm.a:
            mm.x = bit

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
array_looped_over.py:22: mm.a is an array of state: loop over its index sort instead, mm.a[i] for i in ...
    for bit in mm.a:
               ^^^^
"""
