"""A record with a list."""

from __future__ import annotations

from explorer.language import Model, Part, record, var


@record
class Entry:
    levels: list[bool]


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.e = var(Entry, Entry([]))


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
record_field_list.py:16: a sort must be bool, an Enum class, a @record class, Range, Scalarset, optional, subset, pairs or union, not list; declare self.a = array(index, element, init), or a subset
    self.e = var(Entry, Entry([]))
             ^^^^^^^^^^^^^^^^^^^^^
"""
