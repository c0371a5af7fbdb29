"""An expression whose value nobody uses."""

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
        mm.x == True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
expression_statement.py:21: an expression without effect is not part of the language; assign it, assert it or remove it
    mm.x == True
    ^^^^^^^^^^^^
"""
