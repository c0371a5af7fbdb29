"""A test-and-set lock taken with a bounded number of tries; who fails too often sleeps until the lock is free.

Without `atomic` the test and the set are two steps, and two CPUs get in.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, local, step, var


class Lock(Part):
    def __init__(self, m: Model, cpus: int, atomic: bool) -> None:
        super().__init__(m, "lock")
        self.cpus, self.atomic = cpus, atomic
        self.locked = var(bool, False)
        self.inside = array(Range(0, cpus - 1), bool, lambda c: False)

    async def take(self, tries: int) -> bool:
        """True once the lock is ours, False after `tries` failures."""
        tried = local(Range(0, tries), 0)
        while tried < tries:
            await step("test")
            if self.locked:
                tried += 1
                continue
            if not self.atomic:
                await step("set")
            self.locked = True
            return True
        return False


@always
def mutual_exclusion(lock: Lock) -> bool:
    """At most one CPU is inside."""
    return all(not (lock.inside[c] and lock.inside[d]) for c in range(lock.cpus) for d in range(c))


def test_and_set(*, cpus: int = 2, tries: int = 2, atomic: bool = True) -> Model:
    """`cpus` CPUs take the lock for ever."""
    m = Model()
    lock = Lock(m, cpus, atomic)

    @m.thread("cpu", c=range(cpus))
    async def cpu(c: int) -> None:
        while True:
            got = await lock.take(tries)
            if not got:
                await step("sleep", when=lambda: not lock.locked)
                continue
            lock.inside[c] = True
            await step("unlock")
            lock.inside[c] = False
            lock.locked = False

    m.require(mutual_exclusion(lock))
    m.reachable("the last CPU gets in", lambda: lock.inside[cpus - 1])
    return m
