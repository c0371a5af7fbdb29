"""A busy loop."""

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
        while box.count == 0:
            pass

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
while_true_without_step.py:21: this loop goes round and round without a step: put await step(...) inside it
    while box.count == 0:
          ^^^^^^^^^^^^^^
"""
