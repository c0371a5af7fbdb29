"""The condition of an action with a parameter that the action does not have."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("go", actor="device", when=lambda j: not mm.x)
    def go() -> None:
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
action_when_parameter.py:18: the condition of the action 'go' has a parameter j and no values for it: write j=values in the decorator
    @m.action("go", actor="device", when=lambda j: not mm.x)
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
