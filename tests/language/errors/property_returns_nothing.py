"""A property without return."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def silent(mm: Machine) -> bool:
    """It says nothing."""
    if mm.x:
        return True


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(silent(mm))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
property_returns_nothing.py:9: the property silent returns None on some way through: it must return a bool on each
    def silent(mm: Machine) -> bool:
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
