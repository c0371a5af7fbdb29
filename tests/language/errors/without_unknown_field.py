"""A field left out that the record does not have."""

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
        self.entry = var(without(Pte, "writeable"), Pte(0))


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
without_unknown_field.py:26: Pte has no field 'writeable'; did you mean writable?
    self.entry = var(without(Pte, "writeable"), Pte(0))
                     ^^^^^^^^^^^^^^^^^^^^^^^^^
"""
