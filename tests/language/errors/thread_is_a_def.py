"""A thread that is a plain def."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    def cpu() -> None:
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_is_a_def.py:18: the thread 'cpu' must be an async def; what happens in one step is an action: use m.action
    @m.thread("cpu")
     ^^^^^^^^^^^^^^^
"""
