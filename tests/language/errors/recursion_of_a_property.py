"""A property that calls itself."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def forever(mm: Machine) -> bool:
    """It calls itself."""
    return never(mm)


def never(mm: Machine) -> bool:
    return not always_not(mm)


def always_not(mm: Machine) -> bool:
    return never(mm)


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(forever(mm))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
recursion_of_a_property.py:19: never() calls itself; recursion is not part of the language: write a loop
    return never(mm)
           ^^^^^^^^^
"""
