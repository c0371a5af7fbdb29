"""A thread that is started by hand."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu2")
    async def cpu2() -> None:
        await step("go")

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        cpu2()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
thread_called.py:25: cpu2 is a Threads, which can't be called
    cpu2()
    ^^^^^^
"""
