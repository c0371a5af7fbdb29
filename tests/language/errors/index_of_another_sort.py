"""An index of another sort."""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, array, step, var


class Process(Enum):
    PARENT = 0
    CHILD = 1


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.a = array(Process, bool, lambda p: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.a[mm.x] = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
index_of_another_sort.py:29: a bool is not an index of mm.a, whose index sort is Process
    mm.a[mm.x] = True
    ^^^^^^^^^^
"""
