"""async for in a coroutine."""

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
        async for i in range(3):
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
async_for.py:21: async for is not part of the language; write for over a static iterable
    async for i in range(3):
    ^^^^^^^^^^^^^^^^^^^^^^^^
"""
