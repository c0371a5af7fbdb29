"""A slice of an array."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = array(Range(0, 2), Range(0, 3), lambda i: 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        x = box.count[0:2]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
slice_of_array.py:21: a slice is not part of the language; index one element
    x = box.count[0:2]
                  ^^^
"""
