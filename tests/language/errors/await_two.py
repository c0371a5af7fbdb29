"""Two steps in gather."""

from __future__ import annotations

import asyncio

from explorer.language import Model, Part, Range, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await asyncio.gather(step("a"), step("b"))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
await_two.py:22: asyncio.gather() belongs to Python's library and is not part of the language: a thread awaits step(...) and the routines of the model, one after the other
    await asyncio.gather(step("a"), step("b"))
          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
