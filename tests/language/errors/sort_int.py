"""int is no sort."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(int, 0)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
sort_int.py:11: a sort must be bool, an Enum class, a @record class, Range, Scalarset, optional, subset, pairs or union, not int; write Range(lo, hi)
    self.n = var(int, 0)
             ^^^^^^^^^^^
"""
