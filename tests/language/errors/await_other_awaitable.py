"""await of a library's coroutine."""

from __future__ import annotations

from explorer.language import Model, Part, var


import asyncio


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await asyncio.sleep(1)
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
await_other_awaitable.py:23: asyncio.tasks.sleep() belongs to Python's library and is not part of the language: write the routine as a def of the model
    await asyncio.sleep(1)
          ^^^^^^^^^^^^^^^^
"""
