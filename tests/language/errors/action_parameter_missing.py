"""An action over values that its function does not take."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("go", actor="device", i=range(2))
    def go() -> None:
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
action_parameter_missing.py:18: the action 'go' is made for each value of i: give its function a parameter i
    @m.action("go", actor="device", i=range(2))
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
