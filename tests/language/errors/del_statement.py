"""State is finite: nothing is deleted."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


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
        found = mm.x
        del found

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
del_statement.py:22: del is not part of the language; state is finite: store None in an optional variable
    del found
    ^^^^^^^^^
"""
