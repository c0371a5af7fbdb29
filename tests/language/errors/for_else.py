"""else after a for loop."""

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
        for i in range(3):
            if mm.x:
                break
        else:
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
for_else.py:25: else after a loop is not part of the language; set a variable before break
    mm.x = True
    ^^^^^^^^^^^
"""
