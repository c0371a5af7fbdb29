"""A field of a record that leaves its range."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, record, replace, step, var


@record
class Entry:
    age: Annotated[int, Range(0, 1)]
    dirty: bool


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.e = var(Entry, Entry(0, False))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        while True:
            await step("age")
            mm.e = replace(mm.e, age=mm.e.age + 1)

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_of_a_record_field.py:30: mm.e.age would become 2; its range is 0..1
    mm.e = replace(mm.e, age=mm.e.age + 1)
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
