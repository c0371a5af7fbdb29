"""Lamport's bakery: draw a number one higher than every number seen, then wait for the smaller ones.

The others' numbers are read one by one, so two processes may draw the same number; the lower process goes first then.
Each process enters `rounds` times, which bounds the numbers. Without `door` nobody waits for a process that is still
drawing, and two get in.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, step


class Bakery(Part):
    def __init__(self, m: Model, n: int, rounds: int, door: bool) -> None:
        super().__init__(m, "bakery")
        self.n, self.rounds, self.door = n, rounds, door
        everyone = Range(0, n - 1)
        self.drawing = array(everyone, bool, lambda p: False)
        self.number = array(everyone, Range(0, n * rounds), lambda p: 0)
        self.inside = array(everyone, bool, lambda p: False)

    def goes_first(self, q: int, p: int) -> bool:
        """Whether q has a number that comes before p's."""
        if self.number[q] == 0:
            return False
        return self.number[q] < self.number[p] or (self.number[q] == self.number[p] and q < p)

    async def highest(self, p: int) -> int:
        """The highest number among the others, read one by one."""
        seen = 0
        for q in range(self.n):
            if q == p:
                continue
            await step(f"look at {q}")
            seen = max(seen, self.number[q])
        return seen


@always
def mutual_exclusion(bakery: Bakery) -> bool:
    """At most one process is inside."""
    return sum(bakery.inside[p] for p in range(bakery.n)) <= 1


def bakery(*, n: int = 2, rounds: int = 1, door: bool = True) -> Model:
    """`n` processes enter `rounds` times each."""
    m = Model()
    shop = Bakery(m, n, rounds, door)

    @m.thread("process", p=range(n))
    async def process(p: int) -> None:
        for _ in range(rounds):
            await step("start drawing")
            shop.drawing[p] = True
            seen = await shop.highest(p)
            await step("take number")
            shop.number[p] = seen + 1
            shop.drawing[p] = False
            for q in range(n):
                if q == p:
                    continue
                if door:
                    await step(f"wait for {q} to draw", when=lambda: not shop.drawing[q])  # noqa: B023
                await step(f"wait for {q}", when=lambda: not shop.goes_first(q, p))  # noqa: B023
            shop.inside[p] = True
            await step("leave")
            shop.inside[p] = False
            shop.number[p] = 0

    m.require(mutual_exclusion(shop))
    m.reachable("two draw the same number", lambda: 0 < shop.number[0] == shop.number[1])
    m.reachable("everyone is done", lambda: process.finished)
    return m
