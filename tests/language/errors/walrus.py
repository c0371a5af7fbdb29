"""An assignment inside an expression."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        if (found := mm.x):
            mm.x = not found

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
walrus.py:21: := is not part of the language; assign on a line of its own
    if (found := mm.x):
        ^^^^^^^^^^^^^
"""
