"""ENTRY_INV: an entry that changes its kind takes its page along."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.memory import Memory
from explorer.models.linux.stores import Stores


@always
def stored_is_somewhere(memory: Memory, history: Stores) -> bool:
    """What a process last stored to its memory is there: mapped, behind a migration entry, or in swap.

    Harm: a page of the process is gone

    For every byte whose last write, by the process's CPUs or by a device through its region, was a CPU's, perhaps before
    the run: the entry of its page is present, a migration entry or a swap entry, and what it names holds the value. Nobody
    may find no entry there while the page table lock is free; of a mapping of a file the page cache or the disk may have
    the value then. A page that the process gave up by itself is forgotten; one that it moved is looked for where it is now.

    "move_ptes(): ptep_get_and_clear(), move_pte(), set_pte_at()", if not pte_none(): whatever kind the entry is of (v6.1,
    mm/mremap.c)
    """
    return all(
        history.last_value[process, (page, byte)] is None
        or memory.holds(process, page, byte, history.last_value[process, (page, byte)])
        for process in memory.processes
        for page in memory.pages
        for byte in memory.bytes
    )
