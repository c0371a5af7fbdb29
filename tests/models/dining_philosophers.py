"""Dining philosophers: `n` around a table, a fork between any two, and each needs both of hers.

If all take the left fork first they deadlock. With `polite` the last one takes the right fork first, and nobody starves
for want of a fork that is never put down.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, step


class Table(Part):
    def __init__(self, m: Model, n: int) -> None:
        super().__init__(m, "table")
        self.n = n
        self.taken = array(Range(0, n - 1), bool, lambda fork: False)
        self.eating = array(Range(0, n - 1), bool, lambda seat: False)


@always
def neighbours_do_not_both_eat(table: Table) -> bool:
    """Two neighbours never eat at once: they share a fork."""
    return not any(table.eating[seat] and table.eating[(seat + 1) % table.n] for seat in range(table.n))


def dining_philosophers(*, n: int = 3, polite: bool = False) -> Model:
    """`n` philosophers think and eat for ever."""
    m = Model()
    table = Table(m, n)

    @m.thread("philosopher", seat=range(n))
    async def philosopher(seat: int) -> None:
        first, second = seat, (seat + 1) % n
        if polite and seat == n - 1:
            first, second = second, first
        while True:
            await step("take first fork", when=lambda: not table.taken[first])
            table.taken[first] = True
            await step("take second fork", when=lambda: not table.taken[second])
            table.taken[second] = True
            table.eating[seat] = True
            await step("put down second fork")
            table.eating[seat] = False
            table.taken[second] = False
            await step("put down first fork")
            table.taken[first] = False

    m.require(neighbours_do_not_both_eat(table))
    m.reachable("somebody eats", lambda: any(table.eating[seat] for seat in range(n)))
    m.reachable("two eat at once", lambda: sum(table.eating[seat] for seat in range(n)) == 2)
    return m
