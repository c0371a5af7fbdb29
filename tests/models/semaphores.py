"""Producers and consumers with three semaphores: free slots, used slots, and one for the buffer itself.

Consumers may wait for ever once everything is consumed: that is no deadlock. A producer that takes the buffer before it
has a free slot (`swapped`) waits with the buffer locked, and that is one.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, step, var


class Semaphore(Part):
    def __init__(self, m: Model, name: str, value: int, top: int) -> None:
        super().__init__(m, name)
        self.value = var(Range(0, top), value)

    async def down(self, may_wait: bool = False) -> None:
        await step(f"down {self.part_name}", when=lambda: self.value > 0, may_wait=may_wait)
        self.value -= 1

    def up(self) -> None:
        self.value += 1


class Stock(Part):
    def __init__(self, m: Model, capacity: int, top: int) -> None:
        super().__init__(m, "stock")
        self.capacity = capacity
        self.stored = var(Range(0, top), 0)


@always
def stock_fits(stock: Stock) -> bool:
    """Never more is stored than there is room for."""
    return stock.stored <= stock.capacity


def semaphores(
    *, producers: int = 2, consumers: int = 1, capacity: int = 1, items: int = 2, swapped: bool = False
) -> Model:
    """Each producer makes `items` items; consumers consume for ever."""
    m = Model()
    free = Semaphore(m, "free", capacity, capacity)
    used = Semaphore(m, "used", 0, capacity)
    mutex = Semaphore(m, "mutex", 1, 1)
    stock = Stock(m, capacity, producers * items)

    @m.thread("producer", p=range(producers))
    async def producer(p: int) -> None:
        for _ in range(items):
            if swapped:
                await mutex.down()
                await free.down()
            else:
                await free.down()
                await mutex.down()
            stock.stored += 1
            await step("release")
            mutex.up()
            used.up()

    @m.thread("consumer", c=range(consumers))
    async def consumer(c: int) -> None:
        while True:
            await used.down(may_wait=True)
            await mutex.down()
            stock.stored -= 1
            await step("release")
            mutex.up()
            free.up()

    m.require(stock_fits(stock))
    m.reachable("everything is consumed", lambda: producer.finished and stock.stored == 0)
    return m
