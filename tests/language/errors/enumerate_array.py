"""enumerate() of an array."""

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
        for i, v in enumerate(box.count):
            box.count[i] = 0

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
enumerate_array.py:21: enumerate(box.count) fails: TypeError: box.count is an array of state: loop over its index sort instead
    for i, v in enumerate(box.count):
                ^^^^^^^^^^^^^^^^^^^^
"""
