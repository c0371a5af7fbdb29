"""A field that is left out, and gets a value."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, record, step, var, without


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
        self.entry = var(without(Pte, "writable"), Pte(0))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.entry = Pte(0, True)

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
without_and_changed.py:36: mm.entry can't hold it: Pte.writable must be False, which the sort Pte without writable has always
    mm.entry = Pte(0, True)
    ^^^^^^^^^^^^^^^^^^^^^^^
"""
