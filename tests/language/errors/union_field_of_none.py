"""A field that no class of a union has."""

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
        mm.x = mm.entry.exclusiv

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
union_field_of_none.py:36: mm.entry is a Pte or a SwapEntry here, and none has the field 'exclusiv'; did you mean exclusive?; test it first: isinstance(mm.entry, Pte)
    mm.x = mm.entry.exclusiv
           ^^^^^^^^^^^^^^^^^
"""
