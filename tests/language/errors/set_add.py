"""A set that a step adds to."""

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
        seen = set()
        seen.add(1)
        box.count = len(seen)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
set_add.py:22: .add() changes a list or a set in place, and values don't change here: write items | {new} for a value that the step makes, and keep state in self.a = array(index, element, init)
    seen.add(1)
    ^^^^^^^^
"""
