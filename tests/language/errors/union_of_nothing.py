"""A union of no class."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, record, step, union, var


@record
class Pte:
    frame: Annotated[int, Range(0, 3)]
    writable: bool = False


@record
class SwapEntry:
    slot: Annotated[int, Range(0, 3)]
    exclusive: bool = False


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.entry = var(union(), None)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
union_of_nothing.py:26: union takes one or more @record classes: union(Pte, SwapEntry)
    self.entry = var(union(), None)
                     ^^^^^^^
"""
