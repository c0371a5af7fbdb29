"""A plain function that is required."""

from __future__ import annotations

from explorer.language import Model, Part, var


def never_x(mm: Machine) -> bool:
    return not mm.x


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    Machine(m)

    m.require(never_x)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
property_not_decorated.py:22: m.require takes properties, not never_x: decorate a function of the parts with @always or @always_step
    m.require(never_x)
    ^^^^^^^^^^^^^^^^^^
"""
