"""A starred name on the left of an assignment."""

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
        first, *rest = (1, 2, 3)
        mm.n = first

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
starred_target.py:21: a starred name is not part of the language; name every value
    first, *rest = (1, 2, 3)
           ^^^^^
"""
