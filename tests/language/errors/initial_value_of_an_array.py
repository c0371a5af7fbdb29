"""An initial value of an array outside its range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = array(Range(0, 3), Range(0, 2), lambda i: i)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
initial_value_of_an_array.py:11: the initial value of mm.n[3] must be of the sort 0..2, not 3
    self.n = array(Range(0, 3), Range(0, 2), lambda i: i)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
