"""The model is not returned."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> None:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
model_not_returned.py:14: the model function model must return the Model it builds, not None
    def model() -> None:
    ^^^^^^^^^^^^^^^^^^^^
"""
