"""A record of a union where one of its classes is needed."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, record, step, var


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
        self.entry = var(Pte, Pte(0))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.entry = Pte(1) if mm.x else SwapEntry(1)

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
union_holds_one.py:36: mm.entry can't hold it: a SwapEntry is not a value of the sort Pte
    mm.entry = Pte(1) if mm.x else SwapEntry(1)
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
