"""any_of as an initial value."""

from __future__ import annotations

from explorer.language import Model, Part, any_of, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, any_of(False, True))


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
open_value_as_initial_value.py:11: any_of(...) is a rule left open and no initial value: put it in a record of rules (class Kernel(Rules)), and read it in a step
    self.x = var(bool, any_of(False, True))
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
