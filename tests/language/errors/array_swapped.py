"""array() with index and value sort swapped."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = array(Range(0, 1), Range(0, 3), lambda i: 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        box.count[3] = 1

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
array_swapped.py:21: index 3 is outside box.count, whose index sort is 0..1
    box.count[3] = 1
    ^^^^^^^^^^^^
"""
