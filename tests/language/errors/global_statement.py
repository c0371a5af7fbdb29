"""A global variable is no state."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


count = 0


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        global count
        await step("go")
        count = 1

    return m
