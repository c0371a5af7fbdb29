"""A for statement over an integer."""

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
        for i in 3:
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
for_over_an_integer.py:21: 3 has no elements to go over: write range(3)
    for i in 3:
             ^
"""
