"""A field of an initial record outside its range."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, record, var


@record
class Entry:
    level: Annotated[int, Range(0, 2)]


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.e = var(Entry, Entry(3))


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
initial_value_of_a_record.py:18: the initial value of mm.e must be of the sort Entry, not Entry(level=3): mm.e.level is outside its range
    self.e = var(Entry, Entry(3))
             ^^^^^^^^^^^^^^^^^^^^
"""
