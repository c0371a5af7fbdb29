"""A routine that calls itself."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    async def walk(self, level: int) -> None:
        await step(f"level {level}")
        if self.x:
            await self.walk(level + 1)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await mm.walk(0)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
recursion.py:16: walk() calls itself; recursion is not part of the language: write a loop
    await self.walk(level + 1)
          ^^^^^^^^^^^^^^^^^^^^
"""
