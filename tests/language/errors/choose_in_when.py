"""choose in the condition of a step."""

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
        await step("go", when=lambda: choose((False, True)))
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_in_when.py:20: choose(...) stands alone on the right of = or in return, x = choose(...), never inside an expression, a condition or a property
    await step("go", when=lambda: choose((False, True)))
                                  ^^^^^^^^^^^^^^^^^^^^^
"""
