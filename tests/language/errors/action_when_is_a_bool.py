"""The condition of an action, evaluated too early."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("go", actor="device", when=True)
    def go() -> None:
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
action_when_is_a_bool.py:18: the condition of the action 'go' must be a lambda, not True: write when=lambda: ...
    @m.action("go", actor="device", when=True)
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
