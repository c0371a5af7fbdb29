"""An initial value of another sort."""

from __future__ import annotations

from explorer.language import Model, Part, Range, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), "zero")


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
initial_value_of_another_sort.py:11: the initial value of mm.n must be of the sort 0..3, not 'zero'
    self.n = var(Range(0, 3), "zero")
             ^^^^^^^^^^^^^^^^^^^^^^^^
"""
