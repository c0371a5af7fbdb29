"""A record with a field of an unknown type."""

from __future__ import annotations

from explorer.language import Model, Part, record, var


@record
class Entry:
    level: Levl


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
record_field_unknown.py:16: the sort of mm.e can't be made: NameError: name 'Levl' is not defined
    self.e = var(Entry, Entry(0))
             ^^^^^^^^^^^^^^^^^^^^
"""
