"""A list of awaits."""

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
        _ = [await step(str(i)) for i in range(2)]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
async_list_comprehension.py:20: await inside an expression is not part of the language; await on a line of its own: x = await f()
    _ = [await step(str(i)) for i in range(2)]
         ^^^^^^^^^^^^^^^^^^
"""
