"""A text made with %."""

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
        label = "n=%d" % box.count
        box.count = 0

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
percent_format.py:21: an integer is needed here, not a str: text can't be made of state; labels are fixed
    label = "n=%d" % box.count
            ^^^^^^^^^^^^^^^^^^
"""
