"""The await of a routine is forgotten."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    async def bump() -> None:
        await step("bump")
        box.count = 1

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        bump()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
routine_not_awaited.py:25: bump may contain steps: write await bump(...)
    bump()
    ^^^^^^
"""
