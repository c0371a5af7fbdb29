"""A routine that is called without await."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    async def take(self) -> None:
        await step("take")
        self.x = True


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        mm.take()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
routine_without_await.py:24: mm.take may contain steps: write await mm.take(...)
    mm.take()
    ^^^^^^^^^
"""
