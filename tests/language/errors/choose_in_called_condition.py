"""A routine that chooses, called in a condition."""

from __future__ import annotations

from explorer.language import Model, Part, choose, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def coin(self) -> bool:
        return choose((False, True))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go", when=lambda: mm.coin())
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_in_called_condition.py:14: a condition must not change the state or choose; do it in the step
    return choose((False, True))
           ^^^^^^^^^^^^^^^^^^^^^
"""
