"""A condition of an action that changes the state."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def take(self) -> bool:
        self.x = True
        return True


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("go", actor="device", when=lambda: mm.take())
    def go() -> None:
        mm.x = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
action_changes_state_in_when.py:14: a condition must not change the state or choose; do it in the step
    self.x = True
    ^^^^^^^^^^^^^
"""
