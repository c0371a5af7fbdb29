"""State written before a thread's first step."""

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
        mm.x = True
        await step("go")

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
write_before_first_step.py:20: mm.x is state, and before a thread's first step no state is read, written or chosen: put await step(...) before it
    mm.x = True
    ^^^^
"""
