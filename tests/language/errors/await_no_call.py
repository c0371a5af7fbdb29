"""await of something that is no call."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    async def take(self) -> None:
        await step("take")


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        await mm.take

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
await_no_call.py:24: await of something that is not a call is not part of the language; write await step(...) or await routine(...)
    await mm.take
    ^^^^^^^^^^^^^
"""
