"""var() without an initial value."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3))


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
var_without_initial.py:11: building the model failed: TypeError: var() missing 1 required positional argument: 'init'
    self.count = var(Range(0, 3))
                 ^^^^^^^^^^^^^^^^
"""
