"""Peterson's lock: two processes, a flag each and a turn.

A process raises its flag, then gives the turn away, then waits until the other's flag is down or the turn is its own.
With `turn_first` the first two are swapped, the classical mistake: both processes get in.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, step, var


class Flags(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "flags")
        self.wants = array(Range(0, 1), bool, lambda p: False)
        self.inside = array(Range(0, 1), bool, lambda p: False)
        self.turn = var(Range(0, 1), 0)

    async def raise_flag(self, p: int) -> None:
        await step("raise flag")
        self.wants[p] = True

    async def give_way(self, p: int) -> None:
        await step("give way")
        self.turn = 1 - p


@always
def mutual_exclusion(flags: Flags) -> bool:
    """At most one process is inside."""
    return not (flags.inside[0] and flags.inside[1])


def peterson(*, turn_first: bool = False) -> Model:
    """Two processes enter and leave for ever."""
    m = Model()
    flags = Flags(m)

    @m.thread("process", p=Range(0, 1))
    async def process(p: int) -> None:
        other = 1 - p
        while True:
            if turn_first:
                await flags.give_way(p)
                await flags.raise_flag(p)
            else:
                await flags.raise_flag(p)
                await flags.give_way(p)
            await step("wait", when=lambda: not flags.wants[other] or flags.turn == p)
            flags.inside[p] = True
            await step("leave")
            flags.inside[p] = False
            flags.wants[p] = False

    m.require(mutual_exclusion(flags))
    m.reachable("process 1 gets in", lambda: flags.inside[1])
    return m
