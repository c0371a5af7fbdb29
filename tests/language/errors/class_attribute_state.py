"""State declared on the class."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)

    flag = var(bool, False)


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
class_attribute_state.py:23: box.flag is not declared as state; in __init__, declare self.flag = var(sort, init)
    box.flag = True
    ^^^^^^^^
"""
