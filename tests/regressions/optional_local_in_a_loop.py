"""An optional integer kept in a local through a loop: its range grew by one in each round, and the model was refused."""

from __future__ import annotations

from explorer.language import Model, Part, Range, optional, step, var


class Slot(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "slot")
        self.held = var(optional(Range(0, 2)), 1)
        self.copy = var(optional(Range(0, 2)), None)


def model() -> Model:
    m = Model()
    slot = Slot(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("read")
        first = slot.held
        second = first
        while True:
            await step("store")
            if second is not None:
                slot.copy = second
            first = second
            await step("again")
            second = first

    @m.thread("other")
    async def other() -> None:
        await step("clear")
        slot.held = None

    return m
