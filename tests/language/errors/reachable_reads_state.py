"""The condition of reachable reads state too early."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.reachable("x is set", mm.x)

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
reachable_reads_state.py:18: mm.x is state and has no value while the model is built: read it in a thread, an action or a property, or in a lambda where a condition is asked for
    m.reachable("x is set", mm.x)
                            ^^^^
"""
