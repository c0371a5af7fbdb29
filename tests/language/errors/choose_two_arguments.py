"""choose with two arguments."""

from __future__ import annotations

from explorer.language import Model, Part, choose, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = choose(False, True)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_two_arguments.py:21: choose takes one iterable, not 2 arguments: choose(f for f in frames if ...)
    mm.x = choose(False, True)
           ^^^^^^^^^^^^^^^^^^^
"""
