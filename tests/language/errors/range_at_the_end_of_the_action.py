"""A range is checked when an action ends: this one is left only there."""

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
        await step("there and back")
        mm.n = mm.n - 1
        mm.n = mm.n + 1
        await step("away")
        mm.n = mm.n - 1
        mm.n = mm.n + 5

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_at_the_end_of_the_action.py:25: mm.n would become 4; its range is 0..3
    mm.n = mm.n + 5
    ^^^^^^^^^^^^^^^
"""
