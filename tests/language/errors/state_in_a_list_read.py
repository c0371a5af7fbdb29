"""State declared inside a tuple and read."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.bits = (var(bool, False), var(bool, False))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.bits[0]

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
state_in_a_list_read.py:12: mm.bits holds declarations inside a tuple: declare an array, self.bits = array(index, element, init)
    self.bits = (var(bool, False), var(bool, False))
    ^^^^^^^^^
"""
