"""choose in the condition of an if."""

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
        if choose((False, True)):
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_in_condition.py:21: choose(...) stands alone on the right of = or in return, x = choose(...), never inside an expression, a condition or a property
    if choose((False, True)):
       ^^^^^^^^^^^^^^^^^^^^^
"""
