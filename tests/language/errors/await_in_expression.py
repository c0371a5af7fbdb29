"""await inside an expression."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    async def take(self) -> bool:
        await step("take")
        return self.x


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        mm.x = not await mm.take()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
await_in_expression.py:24: await inside an expression is not part of the language; await on a line of its own: x = await f()
    mm.x = not await mm.take()
               ^^^^^^^^^^^^^^^
"""
