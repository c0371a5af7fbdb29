"""An optional variable that leaves its range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, optional, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(optional(Range(0, 1)), None)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        while True:
            await step("count")
            n = mm.n
            mm.n = 0 if n is None else n + 1

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_of_an_optional.py:23: mm.n would become 2; its range is 0..1
    mm.n = 0 if n is None else n + 1
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
