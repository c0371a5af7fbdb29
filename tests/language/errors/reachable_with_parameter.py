"""The condition of reachable with a parameter."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.reachable("x is set", lambda x: mm.x)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
reachable_with_parameter.py:18: the condition of reachable 'x is set' has a parameter x and no values for it: write x=values in the decorator
    m.reachable("x is set", lambda x: mm.x)
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
