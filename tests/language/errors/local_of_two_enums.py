"""A local that holds members of two enums across a step."""

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
        self.half = var(Half, Half.LOW)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        found = Process.PARENT
        while True:
            await step("go")
            if found is Process.PARENT:
                found = mm.half
            else:
                found = mm.owner

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
local_of_two_enums.py:35: the local found is needed after this step, but is now of the sort Half, now of the sort Process: use a local for each
    await step("go")
          ^^^^^^^^^^
"""
