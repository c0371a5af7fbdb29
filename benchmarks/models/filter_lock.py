"""Peterson's filter lock for n threads. Every access to what is shared is a step of its own.

`careful=off`: a thread does not say that it was the last to arrive, and two of them get in.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, step


class Lock(Part):
    def __init__(self, m: Model, threads: int) -> None:
        super().__init__(m, "lock")
        self.threads = threads
        self.level = array(Range(0, threads - 1), Range(0, threads - 1), lambda t: 0)
        self.last = array(Range(1, threads - 1), Range(0, threads - 1), lambda level: 0)
        self.inside = array(Range(0, threads - 1), bool, lambda t: False)

    async def wait(self, t: int, level: int, other: int) -> None:
        """Until the other thread is below the level, or somebody came after this one."""
        await step("wait", when=lambda: self.level[other] < level or self.last[level] != t)


@always
def mutual_exclusion(lock: Lock) -> bool:
    """At most one thread is inside."""
    return sum(1 for t in range(lock.threads) if lock.inside[t]) <= 1


def filter_lock(*, threads: int = 4, careful: bool = True) -> Model:
    """Threads that enter and leave for ever."""
    m = Model()
    lock = Lock(m, threads)

    @m.thread("thread", t=range(threads))
    async def thread(t: int) -> None:
        while True:
            for level in range(1, threads):
                await step("level[t] = level")
                lock.level[t] = level
                if careful:
                    await step("last[level] = t")
                    lock.last[level] = t
                for other in range(threads):
                    if other != t:
                        await lock.wait(t, level, other)
            await step("enter")
            lock.inside[t] = True
            await step("leave")
            lock.inside[t] = False
            lock.level[t] = 0

    m.require(mutual_exclusion)
    m.reachable("somebody is inside", lambda: lock.inside[0])
    return m
