"""A ticket lock whose tickets are counted modulo `tickets`.

A CPU draws the next ticket and spins until it is served. With fewer tickets than CPUs two of them hold the same one.
"""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Range, Scalarset, Sort, always, array, step, var


class Cpu(Atom): ...


class TicketLock(Part):
    def __init__(self, m: Model, tickets: int) -> None:
        super().__init__(m, "lock")
        self.tickets = tickets
        self.next = var(Range(0, tickets - 1), 0)
        self.owner = var(Range(0, tickets - 1), 0)

    async def __aenter__(self) -> None:
        await step("draw a ticket")
        mine = self.next
        self.next = (self.next + 1) % self.tickets
        await step("spin", when=lambda: self.owner == mine)

    async def __aexit__(self, *_: object) -> None:
        self.owner = (self.owner + 1) % self.tickets


class Critical(Part):
    def __init__(self, m: Model, cpus: Sort[Cpu]) -> None:
        super().__init__(m, "critical")
        self.cpus = cpus
        self.inside = array(cpus, bool, lambda cpu: False)


@always
def mutual_exclusion(critical: Critical) -> bool:
    """At most one CPU is inside."""
    return sum(critical.inside[c] for c in critical.cpus) <= 1


def ticket_lock(*, cpus: int = 2, tickets: int = 2) -> Model:
    """`cpus` interchangeable CPUs take the lock for ever."""
    m = Model()
    members = Scalarset(Cpu, cpus)
    lock, critical = TicketLock(m, tickets), Critical(m, members)

    @m.thread("cpu", cpu=members)
    async def worker(cpu: Cpu) -> None:
        while True:
            async with lock:
                critical.inside[cpu] = True
                await step("critical section")
                critical.inside[cpu] = False

    m.require(mutual_exclusion(critical))
    m.reachable("somebody enters", lambda: any(critical.inside[c] for c in members))
    return m
