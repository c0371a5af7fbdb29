"""raise in a step."""

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
        if mm.x:
            raise RuntimeError("never")

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
raise_statement.py:22: raise is not part of the language; write assert condition, "text"
    raise RuntimeError("never")
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
