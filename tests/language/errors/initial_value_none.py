"""An initial value None of a sort without None."""

from __future__ import annotations

from explorer.language import Model, Part, Range, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), None)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
initial_value_none.py:11: the initial value of mm.n must be of the sort 0..3, not None
    self.n = var(Range(0, 3), None)
             ^^^^^^^^^^^^^^^^^^^^^^
"""
