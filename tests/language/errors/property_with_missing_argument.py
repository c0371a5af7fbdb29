"""A property applied to too few parts."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def never_x(mm: Machine, again: Machine) -> bool:
    """x stays false."""
    return not (mm.x and again.x)


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(never_x(mm))

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
property_with_missing_argument.py:24: the property never_x: missing a required argument: 'again'
    m.require(never_x(mm))
              ^^^^^^^^^^^
"""
