"""The value of a condition that is required."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.limit = 3


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(mm.limit == 3)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
property_result_required.py:19: m.require takes properties, not True: decorate a function of the parts with @always or @always_step
    m.require(mm.limit == 3)
    ^^^^^^^^^^^^^^^^^^^^^^^^
"""
