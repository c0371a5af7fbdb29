"""An async def in a coroutine."""

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
        async def flip() -> None:
            await step("flip")
            mm.x = not mm.x

        await flip()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
nested_async_def.py:20: async def is not part of the language; define the routine outside this one, or as a method of a part
    async def flip() -> None:
    ^^^^^^^^^^^^^^^^^^^^^^^^^
"""
