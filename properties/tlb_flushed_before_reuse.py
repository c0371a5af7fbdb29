"""TLB_INV: no CPU reaches a page that is no longer its process's."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.memory import Memory, maps, maps_writable
from explorer.models.linux.stores import Stores


@always
def tlb_flushed_before_reuse(memory: Memory, history: Stores) -> bool:
    """TLBs forget a page before it is free, before another process may write to it, and before it is copied.

    Harm: a CPU still uses a page that has gone elsewhere

    No TLB names a free frame, or one that another process maps writable. When the kernel copied a page, no TLB let a CPU
    store to it that the page table no longer lets. Fork flushes late, before the child runs: until then nobody copies.

    "TLBs to old page will be flushed before it can be reused" (mm/memory.c:wp_page_copy())
    """
    return not history.copied_early and not any(
        maps(memory.tlb[cpu, page], f)
        and (
            memory.refcount[f] == 0
            or any(
                maps_writable(memory.pte[p, other], f)
                for p in memory.processes
                for other in memory.pages
                if p is not memory.process_of(cpu)
            )
        )
        for cpu in memory.cpus
        for page in memory.pages
        for f in memory.frames
    )
