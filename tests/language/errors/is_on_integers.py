"""Identity of integers."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        one = 1
        mm.x = mm.n is one

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
is_on_integers.py:23: is compares identity, and integers have none: compare them with ==
    mm.x = mm.n is one
           ^^^^^^^^^^^
"""
