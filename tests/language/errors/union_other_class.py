"""A record of a class that is not in the union."""

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
        mm.entry = Machine

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
union_other_class.py:36: mm.entry can't hold it: the class Machine is not a value of the sort Pte or SwapEntry
    mm.entry = Machine
    ^^^^^^^^^^^^^^^^^^
"""
