"""A plain attribute as state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)
        self.flag = False


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        box.flag = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
plain_attribute.py:22: box.flag is a static value and is never assigned after __init__; in __init__, declare self.flag = var(sort, init)
    box.flag = True
    ^^^^^^^^
"""
