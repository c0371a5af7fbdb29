"""A routine that chooses, called inside an expression."""

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
        await step("go")
        mm.x = any(mm.coin() for i in range(2))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_in_called_if.py:14: inside a comprehension nothing may change the state or be chosen; do it before
    return choose((False, True))
           ^^^^^^^^^^^^^^^^^^^^^
"""
