"""State that decides which threads exist."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    if mm.x:
        print("a thread")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
state_decides_which_threads_exist.py:18: mm.x is state and has no value while the model is built: read it in a thread, an action or a property, or in a lambda where a condition is asked for
    if mm.x:
       ^^^^
"""
