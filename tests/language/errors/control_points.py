"""More than 10 000 control points in one thread."""

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
        turns = 0
        while turns < 20_000:
            await step("turn")
            mm.x = not mm.x
            turns += 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
control_points.py:20: the thread cpu has more than 10,000 control points, because the local turns of cpu() takes 10,000 values that are known before the run: keep it in a cell, turns = local(Range(lo, hi), init)
    turns = 0
    ^^^^^
"""
