"""choose in a property."""

from __future__ import annotations

from explorer.language import Model, Part, always, choose, var


@always
def lucky(mm: Machine) -> bool:
    """It chooses."""
    found = choose((False, True))
    return found


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(lucky(mm))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_in_property.py:11: a condition must not change the state or choose; do it in the step
    found = choose((False, True))
            ^^^^^^^^^^^^^^^^^^^^^
"""
