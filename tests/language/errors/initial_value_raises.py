"""An initial value whose function raises."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = array(Range(0, 3), Range(0, 2), lambda i: (0, 1)[i])


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
initial_value_raises.py:11: the initial value of mm.n[2] can't be made: IndexError: tuple index out of range
    self.n = array(Range(0, 3), Range(0, 2), lambda i: (0, 1)[i])
                                                       ^^^^^^^^^
"""
