"""A slice in a coroutine."""

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
        mm.n = sum((1, 2, 3)[1:])

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
slice_expression.py:21: a slice is not part of the language; index one element
    mm.n = sum((1, 2, 3)[1:])
                         ^^
"""
