"""A field that one class of a union has, and here the other is there."""

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
        self.entry = var(union(Pte, SwapEntry), SwapEntry(0))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.entry.writable

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
union_field_of_one.py:36: mm.entry is a SwapEntry, which has no field 'writable'
    mm.x = mm.entry.writable
           ^^^^^^^^^^^^^^^^^
"""
