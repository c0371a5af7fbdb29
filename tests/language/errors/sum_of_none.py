"""A sum of values one of which is None."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, optional, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)
        self.a = array(Range(0, 1), optional(Range(0, 1)), lambda i: None)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.n = sum(mm.a[i] for i in range(2))

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
sum_of_none.py:22: None is not a number
    mm.n = sum(mm.a[i] for i in range(2))
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
