"""A union in a pair."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, pairs, record, step, union, var


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
        self.entry = var(pairs(bool, union(Pte, SwapEntry)), (False, Pte(0)))


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
union_in_a_pair.py:26: a union can't be in a pair: declare a variable or an array of it
    self.entry = var(pairs(bool, union(Pte, SwapEntry)), (False, Pte(0)))
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
