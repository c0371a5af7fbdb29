"""A builtin with the wrong number of arguments."""

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
        mm.n = max()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
builtin_wrong_arguments.py:21: max takes at least 1 argument and default= here, not 0
    mm.n = max()
           ^^^^^
"""
