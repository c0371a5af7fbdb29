"""A literal None stored in a variable without None."""

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
        await step("go")
        mm.n = None

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
none_stored_always.py:21: mm.n can't hold it: None is not a value of the sort 0..3
    mm.n = None
    ^^^^^^^^^^^
"""
