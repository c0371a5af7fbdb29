"""A property read while the model is built."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(not mm.x)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
property_read_while_building.py:18: mm.x is state and has no value while the model is built: read it in a thread, an action or a property, or in a lambda where a condition is asked for
    m.require(not mm.x)
                  ^^^^
"""
