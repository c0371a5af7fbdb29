"""An attribute of an enum member that depends on the state."""

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
        mm.x = mm.owner.value == 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
attribute_of_an_enum_in_state.py:29: mm.owner depends on the state, so its attribute 'value' is not known here: compare it with == or use it as an index
    mm.x = mm.owner.value == 1
           ^^^^^^^^^^^^^^
"""
