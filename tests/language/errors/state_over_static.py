"""A name that is a static value and state."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = 3
        self.x = var(bool, True)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
state_over_static.py:12: mm.x is already a static value; a state variable needs a name of its own
    self.x = var(bool, True)
    ^^^^^^
"""
