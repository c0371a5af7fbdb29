"""else after a while loop."""

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
        while not mm.x:
            await step("go")
        else:
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
while_else.py:23: else after a loop is not part of the language; set a variable before break
    mm.x = True
    ^^^^^^^^^^^
"""
