"""any_of outside a record of rules."""

from __future__ import annotations

from explorer.language import Model, Part, any_of, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.early = any_of(False, True)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.early

    return m
