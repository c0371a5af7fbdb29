"""A call of something that is no function."""

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
        mm.x()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
call_of_a_bool.py:21: mm.x is a bool, which can't be called
    mm.x()
    ^^^^^^
"""
