"""step() with a condition that is no lambda."""

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
        await step("go", when=box.count == 0)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
wait_keyword.py:20: the condition of a step is evaluated when the step is scheduled, not here: write when=lambda: box.count == 0
    await step("go", when=box.count == 0)
                          ^^^^^^^^^^^^^^
"""
