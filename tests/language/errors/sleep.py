"""asyncio.sleep() as a step."""

from __future__ import annotations

import asyncio

from explorer.language import Model, Part, Range, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await asyncio.sleep(1)
        box.count = 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
sleep.py:22: asyncio.tasks.sleep() belongs to Python's library and is not part of the language: write the routine as a def of the model
    await asyncio.sleep(1)
          ^^^^^^^^^^^^^^^^
"""
