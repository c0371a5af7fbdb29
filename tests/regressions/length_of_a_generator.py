"""len() of a generator is an error in Python; the lowering counted it."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var

REFUSED = "len() of a generator"


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("start")
        c.n = len(i for i in range(3) if c.n != i)  # type: ignore[arg-type]

    return m
