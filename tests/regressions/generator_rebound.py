"""A generator inside a comprehension that binds one of its names anew would see the new value: refused."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var

REFUSED = "binds a anew"


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 9), 0)


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("start")
        c.n = sum(a for a in range(2) for b in (a + d for d in range(2)) for a in (b,))

    return m
