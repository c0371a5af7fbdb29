"""A part's method that is async is called like a plain one."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)

    async def bump(self) -> None:
        await step("bump")
        self.count = 1


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        box.bump()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
start_method.py:25: box.bump may contain steps: write await box.bump(...)
    box.bump()
    ^^^^^^^^^^
"""
