"""A variable that leaves its range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        while True:
            await step("count")
            mm.n += 1

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_of_a_variable.py:22: mm.n would become 4; its range is 0..3
    mm.n += 1
    ^^^^^^^^^
"""
