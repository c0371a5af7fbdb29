"""An asynchronous generator is no thread."""

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
        yield mm.x

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
yield_in_thread.py:18: the thread 'cpu' contains yield, which makes it a generator: a thread awaits step(...)
    @m.thread("cpu")
     ^^^^^^^^^^^^^^^
"""
