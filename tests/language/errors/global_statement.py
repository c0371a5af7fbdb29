"""A global variable is no state."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


count = 0


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        global count
        await step("go")
        count = 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
global_statement.py:23: global is not part of the language; declare state in a part: self.x = var(sort, init)
    global count
    ^^^^^^^^^^^^
"""
