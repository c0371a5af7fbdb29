"""A set operator outside the language."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, subset, var


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
        mm.s = mm.s ^ {1}

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
set_operator.py:21: of the operators between sets only | & - are part of the language
    mm.s = mm.s ^ {1}
           ^^^^^^^^^^
"""
