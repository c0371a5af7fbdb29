"""A record with a field of type int."""

from __future__ import annotations

from explorer.language import Model, Part, record, var


@record
class Entry:
    level: int


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.e = var(Entry, Entry(0))


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
record_field_int.py:16: the field Entry.level must say its range: write Annotated[int, Range(lo, hi)], not int
    self.e = var(Entry, Entry(0))
             ^^^^^^^^^^^^^^^^^^^^
"""
