"""The await of a step is forgotten."""

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
        step("go")
        box.count = 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
step_not_awaited.py:20: step(...) without await does nothing: write await step(...)
    step("go")
    ^^^^^^^^^^
"""
