"""A bounded buffer: a ring of slots between one producer and one consumer.

The producer puts the items 0, 1, 2, ... and closes the buffer; the consumer checks that they arrive in order and that
none is missing. A producer that does not wait for room (`checked` False) overwrites an item.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, local, step, var


class Ring(Part):
    def __init__(self, m: Model, capacity: int, items: int) -> None:
        super().__init__(m, "ring")
        self.capacity, self.items = capacity, items
        self.slot = array(Range(0, capacity - 1), Range(0, items - 1), lambda i: 0)
        self.head = var(Range(0, capacity - 1), 0)
        self.tail = var(Range(0, capacity - 1), 0)
        self.used = var(Range(0, capacity), 0)
        self.closed = var(bool, False)

    def put(self, item: int) -> None:
        self.slot[self.tail] = item
        self.tail = (self.tail + 1) % self.capacity
        self.used = min(self.used + 1, self.capacity)

    def get(self) -> int:
        item = self.slot[self.head]
        self.head = (self.head + 1) % self.capacity
        self.used -= 1
        return item


@always
def ends_agree(ring: Ring) -> bool:
    """The tail is as far from the head as there are items in the ring."""
    return (ring.head + ring.used) % ring.capacity == ring.tail


def bounded_buffer(*, capacity: int = 2, items: int = 4, checked: bool = True) -> Model:
    """`items` items go through a ring of `capacity` slots."""
    m = Model()
    ring = Ring(m, capacity, items)

    @m.thread("producer")
    async def producer() -> None:
        for item in range(items):
            await step("put", when=lambda: not checked or ring.used < capacity)
            ring.put(item)
        await step("close")
        ring.closed = True

    @m.thread("consumer")
    async def consumer() -> None:
        expected = local(Range(0, items), 0)
        while True:
            await step("get", when=lambda: ring.used > 0 or ring.closed)
            if ring.used == 0:
                break
            got = ring.get()
            await step("use")
            assert got == expected, "out of order"
            expected += 1
        assert expected == items, "items lost"

    m.require(ends_agree(ring))
    m.reachable("full", lambda: ring.used == capacity)
    m.reachable("consumer is done", lambda: consumer.finished)
    return m
