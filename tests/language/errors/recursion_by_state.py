"""A routine that calls itself as long as the state says."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    async def down() -> None:
        await step("down")
        if box.count < 3:
            await down()

    @m.thread("cpu")
    async def cpu() -> None:
        await down()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
recursion_by_state.py:21: down() calls itself; recursion is not part of the language: write a loop
    await down()
          ^^^^^^
"""
