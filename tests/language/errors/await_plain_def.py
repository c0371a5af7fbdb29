"""await of a plain def."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def take(self) -> None:
        self.x = True


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        await mm.take()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
await_plain_def.py:24: mm.take() is a plain def and has no steps: call it without await
    await mm.take()
          ^^^^^^^^^
"""
