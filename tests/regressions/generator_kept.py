"""A generator kept in a local is evaluated when it is consumed, and only once: refused, as the lowering evaluates at once."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var

REFUSED = "a generator"


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 3), 0)
        self.found = var(bool, False)


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("start")
        later = (c.n == i for i in range(3))
        c.n = 2
        c.found = any(later)

    return m
