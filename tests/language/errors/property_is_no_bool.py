"""A property whose value is a part."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def odd(mm: Machine) -> bool:
    """Its value is a part."""
    return mm


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(odd(mm))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
property_is_no_bool.py:9: a condition must be a bool, not the part mm
    def odd(mm: Machine) -> bool:
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
