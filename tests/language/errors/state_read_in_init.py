"""State read while the part is made."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.y = var(bool, not self.x)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
state_read_in_init.py:12: mm.x is state and has no value while the model is built: read it in a thread, an action or a property, or in a lambda where a condition is asked for
    self.y = var(bool, not self.x)
                           ^^^^^^
"""
