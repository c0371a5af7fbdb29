"""An order of enum members."""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, step, var


class Process(Enum):
    PARENT = 0
    CHILD = 1


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.owner = var(Process, Process.PARENT)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.owner < Process.CHILD

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
comparison_of_enums.py:29: an integer is needed here, not a Process: members of an Enum can be compared for equality only
    mm.x = mm.owner < Process.CHILD
           ^^^^^^^^^^^^^^^^^^^^^^^^
"""
