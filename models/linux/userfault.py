"""userfaultfd write protection: a monitor protects pages, and lets who writes to them wait until it takes that back.

| kernel | here | abstracted away |
|---|---|---|
| mwriteprotect_range() | mmap_lock for reading; change; flush, which is put off: a step each | ranges |
| UFFDIO_CONTINUE: mcopy_atomic_pte() | one step | the page lock |
| handle_userfault() | waits in the fault, until the page is no longer protected | the message to the monitor |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import replace, step
from explorer.models.linux.memory import Memory, Pte, change_nonpresent_pte, pte_present
from explorer.models.linux.page_cache import page_cache_of


async def mwriteprotect_range(memory: Memory, process: Enum, page: int, enable_wp: bool) -> None:
    """mm/userfaultfd.c:mwriteprotect_range(): of one page. Taking protection back clears the writable bit as well.

    Kernels before v5.7 refuse it.
    """
    async with memory.mmap_lock(process).read:
        if memory.kernel.uffd_wp:
            memory.inc_tlb_flush_pending(process)
            await step("change_pte_range", when=lambda: memory.pte_unlocked(process, page))
            await memory.flush_tlb_batched_pending(process, page)
            entry = memory.pte[process, page]
            if pte_present(entry):
                memory.set_pte_at(process, page, replace(entry, writable=False, uffd_wp=enable_wp))
            else:
                change_nonpresent_pte(memory, process, page, entry, enable_wp)
            await step("flush_tlb_range")
            memory.flush_tlb_page(process, page)
            memory.dec_tlb_flush_pending(process)


async def mcontinue_atomic_pte(memory: Memory, process: Enum, page: int) -> None:
    """mm/userfaultfd.c:mcontinue_atomic_pte(): maps the page of the page cache, read-only in a private mapping."""
    cache = page_cache_of(memory)
    async with memory.mmap_lock(process).read:
        await step("UFFDIO_CONTINUE", when=lambda: memory.pte_unlocked(process, page))
        i = cache.file_page(process, page)
        assert i is not None
        frame = cache.page[i]
        if frame is not None and memory.pte_none(process, page):
            memory.get_page(frame)
            memory.page_add_rmap(frame)
            memory.set_pte_at(process, page, Pte(frame, False, dirty=memory.kernel.uffd_continue_dirty))
