"""A conditional expression of two sorts in a condition."""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, Range, step, var


class Process(Enum):
    PARENT = 0
    CHILD = 1


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
        await step("go", when=lambda: (mm.n if mm.x else Process.PARENT) == 1)
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
value_of_two_sorts.py:28: this is an int or Process.PARENT, depending on the state
    await step("go", when=lambda: (mm.n if mm.x else Process.PARENT) == 1)
                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
