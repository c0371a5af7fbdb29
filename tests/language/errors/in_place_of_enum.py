"""A member's value stored."""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, step, var


class Mode(Enum):
    IDLE = "idle"
    BUSY = "busy"


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.mode = var(Mode, Mode.IDLE)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        box.mode = "busy"

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
in_place_of_enum.py:28: box.mode can't hold it: a str is not a value of the sort Mode
    box.mode = "busy"
    ^^^^^^^^^^^^^^^^^
"""
