"""choose before a thread's first step."""

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
        mm_x = choose((False, True))
        await step("go")
        mm.x = mm_x

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_first.py:20: before a thread's first step no state is read, written or chosen: put await step(...) before choose(...)
    mm_x = choose((False, True))
           ^^^^^^^^^^^^^^^^^^^^^
"""
