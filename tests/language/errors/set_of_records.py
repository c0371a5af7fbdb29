"""A set of records."""

from __future__ import annotations

from explorer.language import Model, Part, record, step, var


@record
class Pair:
    low: bool
    high: bool


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.a = var(Pair, Pair(False, False))
        self.b = var(Pair, Pair(False, False))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.a in {mm.a, mm.b}

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
set_of_records.py:29: a set can hold bools, integers, enum members and atoms, not a Pair
    mm.x = mm.a in {mm.a, mm.b}
                   ^^^^^^^^^^^^
"""
