"""Dekker's lock: the first correct solution for two processes, with a loop inside the loop.

Who finds the other's flag up and is not in turn lowers its own, waits for its turn and starts again.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, step, var


class Flags(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "flags")
        self.wants = array(Range(0, 1), bool, lambda p: False)
        self.inside = array(Range(0, 1), bool, lambda p: False)
        self.turn = var(Range(0, 1), 0)


@always
def mutual_exclusion(flags: Flags) -> bool:
    """At most one process is inside."""
    return not all(flags.inside[p] for p in Range(0, 1))


def dekker() -> Model:
    """Two processes enter and leave for ever."""
    m = Model()
    flags = Flags(m)

    @m.thread("process", p=(0, 1))
    async def process(p: int) -> None:
        other = 1 - p
        while True:
            await step("raise flag")
            flags.wants[p] = True
            while True:
                await step("look at the other flag")
                if not flags.wants[other]:
                    break
                await step("whose turn")
                if flags.turn == p:
                    continue
                await step("lower flag")
                flags.wants[p] = False
                await step("wait for the turn", when=lambda: flags.turn == p)
                await step("raise flag again")
                flags.wants[p] = True
            flags.inside[p] = True
            await step("leave")
            flags.inside[p] = False
            flags.turn = other
            await step("lower flag")
            flags.wants[p] = False

    m.require(mutual_exclusion(flags))
    m.reachable("a process gives way", lambda: flags.turn == 1 and flags.inside[1])
    return m
