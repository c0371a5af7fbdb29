"""A thread that is a plain function."""

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
        pass

    @m.thread("t")
    def t() -> None:
        box.count = 1

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_not_async.py:22: the thread 't' must be an async def; what happens in one step is an action: use m.action
    @m.thread("t")
     ^^^^^^^^^^^^^
"""
