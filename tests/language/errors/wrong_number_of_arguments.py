"""Too few arguments for a routine."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    async def take(self, value: bool) -> None:
        await step("take")
        self.x = value


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await mm.take()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
wrong_number_of_arguments.py:24: take(): missing a required argument: 'value'
    await mm.take()
          ^^^^^^^^^
"""
