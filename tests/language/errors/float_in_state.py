"""Half of a number."""

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
        box.count = box.count * 0.5

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
float_in_state.py:21: an integer is needed here, not a float: numbers are integers; count in smaller units
    box.count = box.count * 0.5
                ^^^^^^^^^^^^^^^
"""
