"""@m.thread without a name."""

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

    @m.thread
    async def t() -> None:
        await step("set")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_decorator_without_name.py:22: m.thread needs the name of the thread, not t: write @m.thread("name")
    @m.thread
     ^^^^^^^^
"""
