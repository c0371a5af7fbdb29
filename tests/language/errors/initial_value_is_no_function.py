"""An array whose initial value is no function."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = array(Range(0, 3), Range(0, 2), 0)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
initial_value_is_no_function.py:11: array takes a function from an index to its initial value, not 0: write lambda i: 0
    self.n = array(Range(0, 3), Range(0, 2), 0)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
