"""TLB_INV: no CPU reaches a page that is no longer its process's."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.memory import Memory, maps, maps_writable
from explorer.models.linux.stores import StoreHistory


@always
def tlb_flushed_before_reuse(mm: Memory, history: StoreHistory) -> bool:
    """TLBs forget a page before it is free, before another process may write to it, and before it is copied.

    Harm: a CPU still uses a page that has gone elsewhere

    No TLB names a free frame, or one that another process maps writable. When the kernel copied a page, no TLB let a CPU
    store to it that the page table no longer lets. Fork flushes late, before the child runs: until then nobody copies.

    "TLBs to old page will be flushed before it can be reused" (mm/memory.c:wp_page_copy())
    """
    return not history.copied_early and not any(
        maps(mm.tlb[cpu, page], f)
        and (
            mm.refcount[f] == 0
            or any(
                maps_writable(mm.pte[p, other], f)
                for p in mm.processes
                for other in mm.pages
                if p is not mm.process_of(cpu)
            )
        )
        for cpu in mm.cpus
        for page in mm.pages
        for f in mm.frames
    )
