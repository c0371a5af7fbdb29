"""A union of something that may be None."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, optional, record, step, union, var


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
        self.entry = var(union(optional(Pte), SwapEntry), None)


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
union_of_optional.py:26: union takes @record classes, not Pte or None: write optional(union(...))
    self.entry = var(union(optional(Pte), SwapEntry), None)
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
