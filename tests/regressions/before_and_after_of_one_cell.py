"""`before(x)` beside a condition on x: what was known of x now was used for x in the state before."""

from __future__ import annotations

from explorer.language import Model, Part, Range, always_step, before, step, var


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 2), 2)


@always_step
def never_falls_to_zero(c: Counter) -> bool:
    """No step makes it zero."""
    if c.n == 0:
        return before(lambda: c.n) <= 0
    return True


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("clear")
        c.n = 0

    m.require(never_falls_to_zero(c))
    return m
