"""An array stored as a value."""

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
        mm.x = mm.a

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
array_of_state_as_a_value.py:22: mm.x can't hold it: the array mm.a is not a value of the sort bool
    mm.x = mm.a
    ^^^^^^^^^^^
"""
