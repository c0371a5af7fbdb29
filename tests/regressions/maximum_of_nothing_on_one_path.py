"""max() that a path knows to be of nothing is an error there, not a refused model; `any(...) and` before it avoids it."""

from __future__ import annotations

from explorer.language import Model, Part, Range, choose, step, var


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "c")
        self.n = var(Range(0, 2), 0)
        self.guarded = var(bool, False)
        self.k = var(Range(0, 2), 0)


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("choose")
        n = choose(range(2))
        c.n = n
        c.guarded = any(i < n for i in range(2)) and max(i for i in range(2) if i < n) == 0
        await step("unguarded")
        c.k = max(i for i in range(3) if i < c.n) + 1
        c.k = max(i for i in range(3) if i > c.k)

    return m
