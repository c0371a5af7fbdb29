"""A thread over values that its function does not take."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu", cpu=range(2))
    async def cpu() -> None:
        await step("go")
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_parameter_missing.py:18: the thread 'cpu' is made for each value of cpu: give its function a parameter cpu
    @m.thread("cpu", cpu=range(2))
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
