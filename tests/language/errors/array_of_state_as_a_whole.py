"""An array assigned as a whole."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.a = (True, False)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
array_of_state_as_a_whole.py:21: mm.a is an array: assign its elements, mm.a[index] = value
    mm.a = (True, False)
    ^^^^
"""
