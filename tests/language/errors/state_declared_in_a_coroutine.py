"""State declared in a coroutine."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.y = var(bool, False)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
state_declared_in_a_coroutine.py:21: state is declared in the __init__ of a part, not in a step: the number of cells is fixed
    mm.y = var(bool, False)
           ^^^^^^^^^^^^^^^^
"""
