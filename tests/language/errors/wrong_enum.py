"""A member of another enum stored."""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, step, var


class Process(Enum):
    PARENT = 0
    CHILD = 1


class Half(Enum):
    LOW = 0
    HIGH = 1


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
        mm.owner = Half.LOW

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
wrong_enum.py:33: mm.owner can't hold it: Half.LOW is not a value of the sort Process
    mm.owner = Half.LOW
    ^^^^^^^^^^^^^^^^^^^
"""
