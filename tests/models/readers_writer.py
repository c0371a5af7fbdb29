"""A readers-writer lock that lets no new reader in while a writer waits, over a pair of words that must agree.

A writer changes the two words in two steps; a reader reads them in two steps. Readers that do not take the lock
(`locks` False) see one old and one new word.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, step, var


class Pair(Part):
    def __init__(self, m: Model, readers: int, writers: int, locks: bool) -> None:
        super().__init__(m, "pair")
        self.readers, self.locks = readers, locks
        self.holders = var(Range(-1, readers), 0)  # -1: a writer
        self.waiting = var(Range(0, writers), 0)
        self.reading = array(Range(0, readers - 1), bool, lambda r: False)
        self.a = var(Range(0, 2), 0)
        self.b = var(Range(0, 2), 0)

    async def read(self, r: int) -> bool:
        """Whether the two words agreed."""
        await step("read a", when=lambda: not self.locks or (self.holders >= 0 and self.waiting == 0))
        if self.locks:
            self.holders += 1
            self.reading[r] = True
        first = self.a
        await step("read b")
        second = self.b
        if self.locks:
            self.holders -= 1
            self.reading[r] = False
        return first == second

    async def write(self) -> None:
        await step("queue")
        self.waiting += 1
        await step("write a", when=lambda: self.holders == 0)
        self.waiting -= 1
        self.holders = -1
        self.a = (self.a + 1) % 3
        await step("write b")
        self.b = (self.b + 1) % 3
        self.holders = 0


@always
def a_writer_is_alone(pair: Pair) -> bool:
    """Nobody reads under the lock while a writer holds it."""
    return pair.holders != -1 or not any(pair.reading[r] for r in range(pair.readers))


def readers_writer(*, readers: int = 2, writers: int = 1, rounds: int = 1, locks: bool = True) -> Model:
    """Everyone reads or writes `rounds` times."""
    m = Model()
    pair = Pair(m, readers, writers, locks)

    @m.thread("reader", r=range(readers))
    async def reader(r: int) -> None:
        for _ in range(rounds):
            agreed = await pair.read(r)
            assert agreed, "torn read"

    @m.thread("writer", w=range(writers))
    async def writer(w: int) -> None:
        for _ in range(rounds):
            await pair.write()

    m.require(a_writer_is_alone(pair))
    m.reachable("all readers inside at once", lambda: pair.holders == readers)
    m.reachable("everyone is done", lambda: reader.finished and writer.finished)
    return m
