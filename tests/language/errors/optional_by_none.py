"""None stored where no None is."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        box.count = None

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
optional_by_none.py:21: box.count can't hold it: None is not a value of the sort 0..3
    box.count = None
    ^^^^^^^^^^^^^^^^
"""
