"""A for statement over a range that depends on the state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        for i in range(mm.n):
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
for_over_a_range_of_state.py:22: range() can't take a value that depends on the state: go over all that may be there, and test inside with if
    for i in range(mm.n):
             ^^^^^^^^^^^
"""
