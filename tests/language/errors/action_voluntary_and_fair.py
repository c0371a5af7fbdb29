"""An action that a user decides, and that has to happen."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("go", actor="cpu", voluntary=True, fairness="weak")
    def go() -> None:
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
action_voluntary_and_fair.py:18: the action 'go' is voluntary, which is outside any fairness: leave out fairness=
    @m.action("go", actor="cpu", voluntary=True, fairness="weak")
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
