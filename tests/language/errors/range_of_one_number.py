"""Range() as range()."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
range_of_one_number.py:11: building the model failed: TypeError: Range() missing 1 required positional argument: 'hi'
    self.count = var(Range(3), 0)
                     ^^^^^^^^
"""
