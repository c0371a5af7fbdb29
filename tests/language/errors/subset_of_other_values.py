"""A set with a value outside its sort."""

from __future__ import annotations

from explorer.language import Model, Part, Range, choose, step, subset, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.s = var(subset(Range(0, 2)), frozenset())


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        i = choose(range(4))
        mm.s = mm.s | {i}

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
subset_of_other_values.py:22: mm.s: 3 is not a value of the sort 0..2
    mm.s = mm.s | {i}
    ^^^^^^^^^^^^^^^^^
"""
