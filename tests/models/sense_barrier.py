"""A barrier with sense reversal: the last to arrive flips the sense that the others wait for.

Each thread remembers which sense it waits for and turns that round after every barrier. Without the turn (`flips`
False) the barrier is open from the second time on, and the threads drift apart.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, ghost, step, var


class Barrier(Part):
    def __init__(self, m: Model, n: int) -> None:
        super().__init__(m, "barrier")
        self.n = n
        self.count = var(Range(0, n), 0)
        self.sense = var(bool, False)
        self.phase = ghost(array(Range(0, n - 1), Range(0, 3), lambda i: 0))


@always
def nobody_is_two_phases_ahead(barrier: Barrier) -> bool:
    """Counted modulo 4, no two threads are two phases apart."""
    return all((barrier.phase[i] - barrier.phase[j]) % 4 != 2 for i in range(barrier.n) for j in range(i))


def sense_barrier(*, n: int = 2, flips: bool = True) -> Model:
    """`n` threads work and meet at the barrier for ever."""
    m = Model()
    barrier = Barrier(m, n)

    @m.thread("worker", i=range(n))
    async def worker(i: int) -> None:
        mine = True
        while True:
            await step("work")
            barrier.phase[i] = (barrier.phase[i] + 1) % 4
            await step("arrive")
            barrier.count += 1
            if barrier.count == n:
                barrier.count = 0
                barrier.sense = mine
            else:
                await step("wait", when=lambda: barrier.sense == mine)  # noqa: B023
            if flips:
                mine = not mine

    m.require(nobody_is_two_phases_ahead(barrier))
    m.reachable("sense flipped", lambda: barrier.sense)
    return m
