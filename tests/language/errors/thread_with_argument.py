"""A thread with an argument."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")

    @m.thread("t")
    async def t(n: int) -> None:
        await step("set")
        box.count = n

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_with_argument.py:22: the thread 't' has a parameter n and no values for it: write n=values in the decorator
    @m.thread("t")
     ^^^^^^^^^^^^^
"""
