"""An action whose condition reads a ghost."""

from __future__ import annotations

from explorer.language import Model, Part, ghost, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.seen = ghost(var(bool, False))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("go", actor="device", when=lambda: not mm.seen)
    def go() -> None:
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
action_condition_reads_ghost.py:19: mm.seen is a ghost: only properties may read it, not a condition of the model
    @m.action("go", actor="device", when=lambda: not mm.seen)
                                                     ^^^^^^^
"""
