"""A property that changes the state."""

from __future__ import annotations

from explorer.language import Model, Part, always, var


@always
def sets_x(mm: Machine) -> bool:
    """It changes what it looks at."""
    mm.x = False
    return True


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(sets_x(mm))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
property_changes_state.py:11: a condition must not change the state or choose; do it in the step
    mm.x = False
    ^^^^^^^^^^^^
"""
