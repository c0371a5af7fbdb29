"""A routine that lets a variable leave its range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)

    async def count(self) -> None:
        """mm/memory.c:count(): counts."""
        await step("count")
        self.add(2)

    def add(self, by: int) -> None:
        self.n += by


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        while True:
            await mm.count()

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_in_a_routine.py:19: mm.n would become 4; its range is 0..3
    self.n += by
    ^^^^^^^^^^^^
"""
