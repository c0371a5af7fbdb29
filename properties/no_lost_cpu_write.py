"""NO_LOST_CPU_WRITE: what was stored is there."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.memory import Memory
from explorer.models.linux.stores import Stores


@always
def no_lost_cpu_write(memory: Memory, history: Stores) -> bool:
    """What a process stored is what it reads, and what a device reads for it.

    Harm: a store of the process is gone

    For every byte whose last write, by the process's CPUs or by a device through its region, was a CPU's, perhaps before
    the run: a load of the process, by the page table or by a TLB, would return it, and no device that reads for the process
    has read anything else since. A page that the process gave up by itself is forgotten. While an entry is absent it says
    nothing: that is for `stored_is_somewhere`.

    "Although the PTE is flushed from the TLBs in wp_page_copy(), this flush takes place after the copy has already been
    performed, and therefore changes of the page are possible between the time of the copy and the time in which the PTE is
    flushed." (commit 6ce64428d620)
    """
    return not history.missed and not any(
        history.last_value[process, (page, byte)] == value
        and memory.data[f, byte] != value
        and memory.can_read(process, page, f)
        for process in memory.processes
        for page in memory.pages
        for byte in memory.bytes
        for value in memory.values
        for f in memory.frames
    )
