"""Another thread's end read before the first step."""

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
        mm.x = True

    cpu_handle = cpu

    @m.thread("other")
    async def other() -> None:
        done = cpu_handle.finished
        await step("go")
        mm.x = done

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
finished_before_first_step.py:27: cpu_handle.finished is state, and before a thread's first step no state is read, written or chosen: put await step(...) before it
    done = cpu_handle.finished
           ^^^^^^^^^^^^^^^^^^^
"""
