"""NUMA hints: an entry is made inaccessible, so that the next access shows which node uses the page and it moves there.

| kernel | here | abstracted away |
|---|---|---|
| pte_protnone() | a bit of a present entry, which no access goes through | |
| change_prot_numa() | mmap_lock for reading; change; flush, which is put off: a step each | |
| do_numa_page(), migrate_misplaced_page() | clear and, if the entry was accessible, flush; copy; set | when it does not move |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import replace, step
from explorer.models.linux.memory import Memory, change_nonpresent_pte, pte_present, pte_same


async def change_prot_numa(memory: Memory, process: Enum, page: int) -> None:
    """mm/mempolicy.c:change_prot_numa(): of one page."""
    async with memory.mmap_lock(process).read:
        memory.inc_tlb_flush_pending(process)
        await step("change_pte_range", when=lambda: memory.pte_unlocked(process, page))
        await memory.flush_tlb_batched_pending(process, page)
        entry = memory.pte[process, page]
        if pte_present(entry):
            memory.set_pte_at(process, page, replace(entry, protnone=True))
        else:
            change_nonpresent_pte(memory, process, page, entry)
        await step("flush_tlb_range")
        memory.flush_tlb_page(process, page)
        memory.dec_tlb_flush_pending(process)


async def do_numa_page(memory: Memory, process: Enum, page: int) -> None:
    """mm/memory.c:do_numa_page(): moves the page to another frame."""
    await step("ptep_clear_flush", when=lambda: memory.pte_unlocked(process, page))
    orig = memory.pte[process, page]
    if not pte_present(orig) or not orig.protnone:
        return
    # migrate_misplaced_page() may give up: the entry is made present again
    if memory.page_count(orig.frame) != 1 or memory.out_of_memory():
        memory.set_pte_at(process, page, replace(orig, protnone=False))
        return
    if memory.kernel.flush_pending and memory.mm_tlb_flush_pending(process):  # ablation; pte_accessible()
        memory.flush_tlb_page(process, page)
    new = memory.alloc_page()
    memory.copy_user_highpage(orig.frame, new, memory.first_byte)
    for byte in memory.other_bytes:
        await step(f"copy {byte.value}")
        memory.copy_user_highpage(orig.frame, new, byte)
    await step("remove_migration_pte", when=lambda: memory.pte_unlocked(process, page))
    if pte_same(memory.pte[process, page], orig):
        memory.page_add_new_anon_rmap(new)
        memory.set_pte_at(process, page, replace(orig, frame=new, protnone=False))
        memory.page_remove_rmap(orig.frame)
        memory.put_page(orig.frame)
    else:
        memory.put_page(new)
