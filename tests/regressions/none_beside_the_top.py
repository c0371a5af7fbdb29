"""An optional range: storing one more than the top was taken for None, because None has the code after the top.

The model leaves the range, and before the step ends the value is read again: it is a number, not None.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, optional, step, var


class Slot(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "slot")
        self.top = var(optional(Range(0, 2)), None)
        self.seen = var(bool, False)
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    slot = Slot(m)

    @m.thread("counter")
    async def counter() -> None:
        for _ in range(3):
            await step("count")
            slot.n += 1

    @m.thread("writer")
    async def writer() -> None:
        await step("through")
        slot.top = slot.n
        slot.seen = slot.top is None or slot.top > 2
        slot.top = min(slot.n, 2)
        await step("stays")
        slot.top = slot.n + 1

    return m
