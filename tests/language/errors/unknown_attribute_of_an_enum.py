"""A member that an enum does not have."""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, step, var


class Process(Enum):
    PARENT = 0
    CHILD = 1


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.owner = var(Process, Process.PARENT)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.owner = Process.CHLD

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
unknown_attribute_of_an_enum.py:28: the class Process has no attribute 'CHLD'; did you mean CHILD?
    mm.owner = Process.CHLD
               ^^^^^^^^^^^^
"""
