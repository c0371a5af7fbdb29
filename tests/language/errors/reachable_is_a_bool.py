"""The condition of reachable, evaluated too early."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    Machine(m)

    m.reachable("x is set", False)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
reachable_is_a_bool.py:18: the condition of reachable 'x is set' must be a lambda, not False: write lambda: ...
    m.reachable("x is set", False)
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
