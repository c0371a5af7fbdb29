"""choose among values that depend on the state."""

from __future__ import annotations

from explorer.language import Model, Part, choose, step, var


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
        mm.x = choose((mm.x, not mm.x))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_of_state.py:21: choose picks among static values; choose the index first and read the state after it
    mm.x = choose((mm.x, not mm.x))
           ^^^^^^^^^^^^^^^^^^^^^^^^
"""
