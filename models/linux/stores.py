"""What the stores of CPUs leave behind, for properties: the value that a process last stored, and who missed it."""

from __future__ import annotations

from enum import Enum

from explorer.language import Array, Model, Part, array, ghost, optional, pairs, var
from explorer.language.rules import Open, peek
from explorer.models.linux.features import History
from explorer.models.linux.memory import Frame, Memory, maps
from explorer.models.linux.parent_child import ForkHistory, Writer
from explorer.models.linux.rules.cow import Fork, Reuse


class Stores(Part, History):
    """Of any processes. `last_value`: what a CPU of the process stored last, perhaps before the run; None if a device wrote after
    it, or nobody. `missed`: a device read something else. `copied_early`: a page was copied while a CPU could still store to it
    by its TLB alone. `place`: where mremap() has put the page. A store that comes by a TLB before mremap() has flushed it is one
    of before. `going`: the process is giving the page up, and what its TLBs alone still store goes with it.

    `device`: the writer that is one, and serves the first process; None: no device writes to the pages.
    """

    def __init__(self, m: Model, memory: Memory, device: Enum | None = None) -> None:
        super().__init__(m, "history")
        self.memory = memory
        self.remember(m, memory, device)
        memory.history = self

    def remember(self, m: Model, memory: Memory, device: Enum | None) -> None:
        """Declares what is remembered of stores."""
        self.device, self.served = device, next(iter(memory.processes))
        self.last_value: Array[tuple[Enum, tuple[int, Enum]], Enum | None] = ghost(
            array(
                pairs(memory.processes, pairs(memory.pages, memory.bytes)),
                optional(memory.values),
                memory.stored_before.get,
            )
        )
        if memory.moves:
            self.place: Array[tuple[Enum, int], int] = ghost(
                array(pairs(memory.processes, memory.pages), memory.pages, lambda key: key[1])
            )
        self.going = ghost(array(pairs(memory.processes, memory.pages), bool, lambda key: False))
        self.missed = ghost(var(bool, False))
        self.copied_early = ghost(var(bool, False))
        rules = [peek(memory.kernel, name) for name in ("fork", "reuse")]
        values = [value for rule in rules for value in (rule.values if isinstance(rule, Open) else (rule,))]
        if Fork.EXCLUSIVE not in values and Reuse.EXCLUSIVE not in values:
            m.excludes["anon_exclusive"] = "the kernel has no PG_anon_exclusive"

    def is_at(self, process: Enum, page: int, other: int) -> bool:
        """The process has there what a TLB or a device still takes for the page."""
        if self.memory.moves:
            return self.place[process, page] == other
        return page == other

    def stored(self, process: Enum, page: int, byte: Enum, value: Enum, frame: Frame) -> None:
        by_tlb_alone = not maps(self.memory.pte[process, page], frame)
        self.write(process, page, byte, value, self.going[process, page] and by_tlb_alone)

    def page_written(self, page: int, byte: Enum, writer: Enum) -> None:
        if writer is self.device:
            self.write(self.served, page, byte, None)

    def write(self, process: Enum, page: int, byte: Enum, value: Enum | None, lost: bool = False) -> None:
        """What was stored to the page, None by a device; `lost`: and need not be found again."""
        for other in self.memory.pages:
            last = self.last_value[process, (other, byte)]
            kept = self.is_at(process, page, other) and not lost
            self.last_value[process, (other, byte)] = value if kept else last

    def device_read(self, process: Enum, page: int, byte: Enum, value: Enum) -> None:
        for other in self.memory.pages:
            last = self.last_value[process, (other, byte)]
            wrong = self.is_at(process, page, other) and last is not None and last != value
            self.missed = self.missed or wrong

    def zapped(self, process: Enum, page: int) -> None:
        for byte in self.memory.bytes:
            self.last_value[process, (page, byte)] = None
        if self.memory.moves:
            self.place[process, page] = page

    def given_up(self, process: Enum, page: int, pending: bool) -> None:
        self.going[process, page] = pending

    def moved(self, process: Enum, old: int, new: int) -> None:
        for byte in self.memory.bytes:
            self.last_value[process, (new, byte)] = self.last_value[process, (old, byte)]
            self.last_value[process, (old, byte)] = None
        if self.memory.moves:
            self.place[process, old] = new
            self.place[process, new] = new

    def copied(self, old: Frame, new: Frame, byte: Enum) -> None:
        memory = self.memory
        self.copied_early = self.copied_early or any(
            memory.writes_by_tlb_alone(cpu, page, old) for cpu in memory.cpus for page in memory.pages
        )


class StoreHistory(Stores, ForkHistory):
    """Stores of a parent and its children, and what properties of fork remember; a device serves the parent."""

    def __init__(self, m: Model, memory: Memory) -> None:
        ForkHistory.__init__(self, m, memory)
        self.remember(m, memory, Writer.DEVICE)

    def page_written(self, page: int, byte: Enum, writer: Enum) -> None:
        ForkHistory.page_written(self, page, byte, writer)
        Stores.page_written(self, page, byte, writer)

    def copied(self, old: Frame, new: Frame, byte: Enum) -> None:
        ForkHistory.copied(self, old, new, byte)
        Stores.copied(self, old, new, byte)
