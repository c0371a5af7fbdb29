"""A counter that several threads add to: read, add, write back. A checker compares the total once all are done.

Unless reading and writing are one step (`atomic`) updates get lost, and the counter may even go down.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always_step, before, step, var


class Counter(Part):
    def __init__(self, m: Model, top: int) -> None:
        super().__init__(m, "counter")
        self.count = var(Range(0, top), 0)


@always_step
def never_goes_down(counter: Counter) -> bool:
    """No step makes the counter smaller."""
    return counter.count >= before(lambda: counter.count)


def lost_update(*, workers: int = 2, rounds: int = 2, atomic: bool = False) -> Model:
    """`workers` threads add one `rounds` times each."""
    m = Model()
    total = workers * rounds
    counter = Counter(m, total)

    @m.thread("worker", w=range(workers))
    async def worker(w: int) -> None:
        for _ in range(rounds):
            await step("read")
            seen = counter.count
            if not atomic:
                await step("write")
            counter.count = seen + 1

    @m.thread("checker")
    async def checker() -> None:
        await step("check", when=lambda: worker.finished)
        assert counter.count == total, "lost update"

    m.require(never_goes_down(counter))
    m.reachable("the first is done", lambda: worker[0].finished)
    m.reachable("checked", lambda: checker.finished)
    return m
