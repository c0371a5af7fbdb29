"""isinstance of what is no record."""

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
        self.entry = var(union(Pte, SwapEntry), Pte(0))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        if isinstance(mm.entry, Pte):
            mm.x = isinstance(mm.entry.frame, int)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
isinstance_of_an_integer.py:37: isinstance tells records of a union apart, and this is an int; write is None, or compare with ==
    mm.x = isinstance(mm.entry.frame, int)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
