"""any, all and `in` stop at the first element that settles them, so what comes later is not evaluated and can't fail."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Ring(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "ring")
        self.slot = array(Range(0, 2), bool, lambda i: i == 1)
        self.at = var(Range(0, 3), 0)
        self.found = var(bool, False)


def model() -> Model:
    m = Model()
    ring = Ring(m)

    @m.thread("turner")
    async def turner() -> None:
        for _ in range(3):
            await step("turn")
            ring.at += 1

    @m.thread("reader")
    async def reader() -> None:
        await step("any")
        ring.found = any(ring.slot[ring.at + i] for i in range(3))
        await step("all")
        ring.found = all(not ring.slot[ring.at + i] for i in range(3))
        await step("in")
        ring.found = True in (ring.slot[ring.at + i] for i in range(3))

    return m
