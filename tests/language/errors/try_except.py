"""An error that is caught."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        try:
            box.count = box.count + 1
        except ValueError:
            box.count = 0

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
try_except.py:21: try is not part of the language; a step can't fail half-way; test the condition with if, and write what finally does behind the rest
    try:
    ^^^^
"""
