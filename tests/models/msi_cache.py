"""Cache coherence: one word of memory, a cache line per CPU in state Modified, Shared or Invalid.

A store invalidates the other lines; without that (`invalidates` False) they go on serving the old value.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, Range, always, always_step, array, before, choose, ghost, step, var


class Line(Enum):
    INVALID = 0
    SHARED = 1
    MODIFIED = 2


class Op(Enum):
    LOAD = 0
    STORE = 1
    EVICT = 2


class Bus(Part):
    def __init__(self, m: Model, cpus: int, invalidates: bool) -> None:
        super().__init__(m, "bus")
        self.cpus, self.invalidates = cpus, invalidates
        self.line = array(Range(0, cpus - 1), Line, lambda c: Line.INVALID)
        self.value = array(Range(0, cpus - 1), Range(0, 1), lambda c: 0)
        self.memory = var(Range(0, 1), 0)
        self.last = ghost(var(Range(0, 1), 0))

    def write_back(self, c: int, to: Line) -> None:
        """CPU c's line becomes `to`; a modified value goes to memory."""
        match self.line[c]:
            case Line.MODIFIED:
                self.memory = self.value[c]
            case Line.INVALID:
                return
            case _:
                pass
        self.line[c] = to
        if to == Line.INVALID:
            self.value[c] = 0

    def load(self, c: int) -> None:
        match self.line[c]:
            case Line.INVALID:
                for d in range(self.cpus):
                    if self.line[d] == Line.MODIFIED:
                        self.write_back(d, Line.SHARED)
                self.line[c] = Line.SHARED
                self.value[c] = self.memory
            case Line.SHARED | Line.MODIFIED:
                pass

    def store(self, c: int) -> None:
        value = choose(v for v in Range(0, 1))
        for d in range(self.cpus):
            if d != c:
                self.write_back(d, Line.INVALID if self.invalidates else Line.SHARED)
        self.line[c] = Line.MODIFIED
        self.value[c] = value
        self.last = value

    async def access(self, c: int) -> None:
        await step("next instruction")
        op = choose(o for o in Op)
        await step("bus")
        match op:
            case Op.LOAD:
                self.load(c)
            case Op.STORE:
                self.store(c)
            case Op.EVICT:
                self.write_back(c, Line.INVALID)


@always
def caches_are_fresh(bus: Bus) -> bool:
    """A valid line holds the value stored last."""
    return all(bus.line[c] == Line.INVALID or bus.value[c] == bus.last for c in range(bus.cpus))


@always
def one_owner(bus: Bus) -> bool:
    """A modified line is the only valid one."""
    return all(
        bus.line[c] != Line.MODIFIED or bus.line[d] == Line.INVALID
        for c in range(bus.cpus)
        for d in range(bus.cpus)
        if c != d
    )


@always_step
def only_owners_change_memory(bus: Bus) -> bool:
    """Memory changes only to what a modified line held."""
    return bus.memory == before(lambda: bus.memory) or any(
        before(lambda: bus.line[c] == Line.MODIFIED and bus.value[c] != bus.memory)  # noqa: B023
        for c in range(bus.cpus)
    )


def msi_cache(*, cpus: int = 2, invalidates: bool = True) -> Model:
    """Every CPU loads, stores and evicts for ever."""
    m = Model()
    bus = Bus(m, cpus, invalidates)

    @m.thread("cpu", c=range(cpus))
    async def cpu(c: int) -> None:
        while True:
            await bus.access(c)

    m.require(caches_are_fresh(bus), one_owner(bus), only_owners_change_memory(bus))
    m.reachable("all share", lambda: all(bus.line[c] == Line.SHARED for c in range(cpus)))
    return m
