"""A plain class is no sort."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.language import Model, Part, var


@dataclass
class Entry:
    level: bool


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.e = var(Entry, Entry(False))


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
plain_class_as_sort.py:18: a sort must be bool, an Enum class, a @record class, Range, Scalarset, optional, subset, pairs or union, not Entry
    self.e = var(Entry, Entry(False))
             ^^^^^^^^^^^^^^^^^^^^^^^^
"""
