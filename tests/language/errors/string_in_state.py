"""A string stored in state."""

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
        mm.x = "yes"

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
string_in_state.py:21: mm.x can't hold it: a str is not a value of the sort bool
    mm.x = "yes"
    ^^^^^^^^^^^^
"""
