"""str is no sort."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(str, "")


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
sort_str.py:11: a sort must be bool, an Enum class, a @record class, Range, Scalarset, optional, subset, pairs or union, not str; write an Enum class with a member for each text
    self.n = var(str, "")
             ^^^^^^^^^^^^
"""
