"""A thread that yields."""

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
        yield box.count

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
async_generator.py:18: the thread 'cpu' contains yield, which makes it a generator: a thread awaits step(...)
    @m.thread("cpu")
     ^^^^^^^^^^^^^^^
"""
