"""State written while the model is built."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
state_written_in_the_model.py:18: mm.x is state and is written only by threads and actions; what it holds at the start is said where it is declared: var(sort, init), array(index, element, init)
    mm.x = True
    ^^^^
"""
