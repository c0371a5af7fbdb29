"""Two actions of one actor with one name."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("set", actor="device")
    def go() -> None:
        mm.x = True

    @m.action("clear", actor="device")
    def go() -> None:
        mm.x = False

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
two_actions_of_one_name.py:22: two actions of the actor 'device' are named 'go'; give the functions different names
    @m.action("clear", actor="device")
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
