"""m.thread without a name."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread
    async def cpu() -> None:
        await step("go")
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_without_decorator_call.py:18: m.thread needs the name of the thread, not cpu: write @m.thread("name")
    @m.thread
     ^^^^^^^^
"""
