"""State declared inside a list."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.bits = [var(bool, False), var(bool, False)]


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.bits[0] = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
state_in_a_list.py:11: mm.bits holds declarations inside a list: declare an array, self.bits = array(index, element, init)
    self.bits = [var(bool, False), var(bool, False)]
    ^^^^^^^^^
"""
