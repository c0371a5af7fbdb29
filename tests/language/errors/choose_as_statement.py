"""choose whose value nobody uses."""

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
        choose((False, True))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_as_statement.py:21: choose(...) stands alone on the right of = or in return, x = choose(...), never inside an expression, a condition or a property
    choose((False, True))
    ^^^^^^^^^^^^^^^^^^^^^
"""
