"""A routine whose result is used without await."""

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
        await step("go")
        mm.x = mm.take()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
routine_without_await_in_expression.py:25: mm.take may contain steps: write await mm.take(...)
    mm.x = mm.take()
           ^^^^^^^^^
"""
