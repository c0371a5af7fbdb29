"""A range of something that is no integer."""

from __future__ import annotations

from explorer.language import Model, Part, Range, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 2.5), 0)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
range_of_floats.py:11: Range(lo, hi) must be two integers with lo <= hi, not Range(0, 2.5)
    self.n = var(Range(0, 2.5), 0)
                 ^^^^^^^^^^^^^
"""
