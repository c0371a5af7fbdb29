"""min of nothing."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)
        self.a = array(Range(0, 2), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.n = min(i for i in range(3) if mm.a[i])

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
minimum_of_nothing.py:22: min() of nothing: no value qualifies in this state, and there is no default=
    mm.n = min(i for i in range(3) if mm.a[i])
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
