"""A keyword that a routine does not have."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def set(self, value: bool) -> None:
        self.x = value


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.set(valeu=True)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
wrong_keyword.py:24: set(): there is no parameter 'valeu'; did you mean value?
    mm.set(valeu=True)
    ^^^^^^^^^^^^^^^^^^
"""
