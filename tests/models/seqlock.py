"""A sequence lock: the writer makes the counter odd, writes two words, makes it even; readers never block it.

A reader that saw an odd counter, or another one at the end than at the start, tries again. The counter is taken modulo
`period`: once so many writes fit between two reads that it comes round, a reader believes a torn pair.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, always_step, before, step, var


class SeqLock(Part):
    def __init__(self, m: Model, writes: int, period: int) -> None:
        super().__init__(m, "seqlock")
        self.period = period
        self.seq = var(Range(0, period - 1), 0)
        self.a = var(Range(0, writes), 0)
        self.b = var(Range(0, writes), 0)

    def count_up(self) -> None:
        self.seq = (self.seq + 1) % self.period

    async def write(self, value: int) -> None:
        await step("write_seqlock")
        self.count_up()
        await step("write a")
        self.a = value
        await step("write b")
        self.b = value
        await step("write_sequnlock")
        self.count_up()

    async def read(self) -> tuple[int, int]:
        """Both words, read between two equal and even counters."""
        while True:
            await step("read_seqbegin")
            start = self.seq
            if start % 2 == 1:
                continue
            await step("read a")
            x = self.a
            await step("read b")
            y = self.b
            await step("read_seqretry")
            if self.seq == start:
                return x, y


@always
def words_differ_only_while_odd(seqlock: SeqLock) -> bool:
    """While the counter is even the two words agree."""
    return seqlock.a == seqlock.b or seqlock.seq % 2 == 1


@always_step
def counter_goes_up_by_one(seqlock: SeqLock) -> bool:
    """A step leaves the counter alone or adds one, modulo the period."""
    old = before(lambda: seqlock.seq)
    return seqlock.seq == old or seqlock.seq == (old + 1) % seqlock.period


def seqlock(*, readers: int = 1, writes: int = 2, period: int = 6) -> Model:
    """One writer writes `writes` times; every reader reads once."""
    m = Model()
    lock = SeqLock(m, writes, period)

    @m.thread("writer")
    async def writer() -> None:
        for value in range(1, writes + 1):
            await lock.write(value)

    @m.thread("reader", r=range(readers))
    async def reader(r: int) -> None:
        x, y = await lock.read()
        await step("use")
        assert x == y, "torn pair"

    m.require(words_differ_only_while_odd(lock), counter_goes_up_by_one(lock))
    m.reachable("a reader is done before the writer", lambda: reader[0].finished and not writer.finished)
    return m
