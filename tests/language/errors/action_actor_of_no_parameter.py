"""An actor that names no parameter of its action."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("go", actor="{p}")
    def go() -> None:
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
action_actor_of_no_parameter.py:18: the actor '{p}' of the action 'go' may use only its parameters (none)
    @m.action("go", actor="{p}")
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
