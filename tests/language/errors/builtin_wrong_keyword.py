"""A builtin with a keyword it does not take here."""

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
        mm.n = sum((1, 2), begin=3)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
builtin_wrong_keyword.py:21: sum takes 1 to 2 arguments here, not the keyword begin=
    mm.n = sum((1, 2), begin=3)
           ^^^^^^^^^^^^^^^^^^^^
"""
