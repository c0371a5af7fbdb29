"""A condition that changes the state ended with an internal error."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var

REFUSED = "a condition must not change the state or choose"


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 3), 0)

    def bump(self) -> bool:
        self.n = min(self.n + 1, 3)
        return self.n == 2


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("wait", when=lambda: c.bump())

    return m
