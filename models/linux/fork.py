"""fork(): the VMAs, then page by page, then the flush.

| kernel | here | abstracted away |
|---|---|---|
| mmap_lock, notifiers, first half of write_protect_seq | one step | |
| mmap_lock and page table lock of the child | not taken | nobody else has the child's mm yet |
| page table lock of the parent | held for each page, where reclaim, KSM or migration want it | |
| sharing a page, up to v5.9-rc7 | write-protect, then count and set the child's entry: two steps | |
| sharing a page, later | test for a pin, then share: two steps | |
| copying a page | test and copy the first byte, then the others: a step each | dropping the locks to allocate |
| second half of write_protect_seq | in the last step of the last page | |
| flush, unlock, wake the child | one step | |
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from explorer.language import Model, Part, replace, step
from explorer.models.linux.memory import Frame, Memory, MigrationEntry, Pte, SwapEntry, pte_present
from explorer.models.linux.rules.cow import Fork


class ForkCall(Part):
    """fork() by one process of another. `dontcopy_is_empty`: VM_DONTCOPY leaves an empty VMA, as the mail of 2018-11-19
    has it, not none."""

    def __init__(self, m: Model, memory: Memory, parent: Enum, child: Enum, *, dontcopy_is_empty: bool = False) -> None:
        super().__init__(m, f"fork_{child.name.lower()}")
        self.memory, self.parent, self.child, self.dontcopy_is_empty = memory, parent, child, dontcopy_is_empty

    async def dup_mmap(self) -> None:
        """kernel/fork.c:dup_mmap(): ends with the child runnable."""
        memory = self.memory
        async with memory.mmap_lock(self.parent).write:
            memory.history.fork_begins()
            for page in memory.pages:
                dropped = memory.vm_dontcopy[self.parent, page] and not self.dontcopy_is_empty
                memory.vma[self.child, page] = memory.vma[self.parent, page] and not dropped
                memory.vm_wipeonfork[self.child, page] = memory.vm_wipeonfork[self.parent, page]
                memory.vm_write[self.child, page] = memory.vm_write[self.parent, page]
                memory.background.copy_mergeable(self.parent, page, self.child, page)
                memory.cache.dup_vma(self.parent, self.child, page)
            await self.copy_page_range()
            await step("flush_tlb_mm")
            if memory.kernel.fork_flush:  # ablation
                for page in memory.pages:
                    memory.flush_tlb_page(self.parent, page)
            memory.history.fork_ends()
        memory.running[self.child] = True

    def copies(self, page: int) -> bool:
        """The child gets the parent's entry, if there is one."""
        memory = self.memory
        kept = not memory.vm_dontcopy[self.parent, page] and not memory.vm_wipeonfork[self.parent, page]
        return memory.vma[self.parent, page] and kept

    async def copy_page_range(self) -> None:
        """mm/memory.c:copy_page_range()"""
        memory = self.memory
        if memory.kernel.notifier_before_change:  # ablation
            await self.invalidate_range_start()
        if memory.kernel.write_protect_seq:
            async with memory.write_protect_seq(self.parent):
                await self.copy_pte_range()
        else:
            await self.copy_pte_range()
        if not memory.kernel.notifier_before_change:  # ablation
            await self.invalidate_range_start()
        for page in memory.pages:
            await memory.invalidate_range_end(self.parent, page)

    async def invalidate_range_start(self) -> None:
        for page in self.memory.pages:
            await self.memory.invalidate_range_start(self.parent, page)

    async def copy_pte_range(self) -> None:
        """mm/memory.c:copy_pte_range()"""
        for page in self.memory.pages:
            if self.copies(page):
                if self.memory.kernel.fork == Fork.PLAIN:
                    await self.copy_one_pte(page)
                else:
                    await self.copy_present_pte(page)

    async def copy_one_pte(self, page: int) -> None:
        """mm/memory.c:copy_one_pte()"""
        memory = self.memory
        await step("ptep_set_wrprotect", when=lambda: self.copyable(page))
        if self.absent(page):
            return
        memory.lock_pte(self.parent, page)
        self.ptep_set_wrprotect(page)
        await step("set_pte_at")
        self.share(page)
        memory.unlock_pte(self.parent, page)

    async def copy_present_pte(self, page: int) -> None:
        """mm/memory.c:copy_present_pte()"""
        memory = self.memory
        found = memory.pte[self.parent, page]
        orig = found if pte_present(found) else None
        if memory.kernel.fork_wrprotect_first:  # ablation
            await step("ptep_set_wrprotect, first", when=lambda: self.copyable(page))
            found = memory.pte[self.parent, page]
            orig = found if pte_present(found) else None
            if orig is not None:
                self.ptep_set_wrprotect(page)
        await step("copy_present_pte", when=lambda: self.copyable(page))
        if self.absent(page):
            return
        memory.lock_pte(self.parent, page)
        needs_copy = self.page_needs_cow_for_dma(page)
        if needs_copy and memory.kernel.fork_wrprotect_first:  # ablation
            memory.set_pte_at(self.parent, page, orig)
        if needs_copy and memory.kernel.fork == Fork.VM_NOCOW:
            memory.vma[self.child, page] = False
        elif needs_copy:
            await self.copy_present_page(page)
        else:
            await step("ptep_set_wrprotect, set_pte_at")
            self.ptep_set_wrprotect(page)
            self.share(page)
        memory.unlock_pte(self.parent, page)

    def copyable(self, page: int) -> bool:
        """The page table lock can be taken."""
        return self.memory.pte_unlocked(self.parent, page)

    def absent(self, page: int) -> bool:
        """There is no page to share: a fault of the child's will find what the parent's would. Other entries are copied."""
        memory = self.memory
        if memory.demand_paging():
            entry = memory.pte[self.parent, page]
            if pte_present(entry):
                return not memory.is_anon(entry.frame)
            self.copy_nonpresent_pte(page, entry)
            return True
        return False

    def copy_nonpresent_pte(self, page: int, entry: SwapEntry | MigrationEntry | None) -> None:
        """mm/memory.c:copy_nonpresent_pte(): neither entry is exclusive any more."""
        memory = self.memory
        match entry:
            case SwapEntry():
                memory.swap.swap_duplicate(entry.slot)
                memory.set_pte_at(self.parent, page, replace(entry, exclusive=False))
                memory.set_pte_at(self.child, page, replace(entry, exclusive=False, uffd_wp=False))
            case MigrationEntry():
                readable = replace(entry, writable=False, exclusive=False)
                memory.set_pte_at(self.parent, page, readable)
                memory.set_pte_at(self.child, page, replace(readable, uffd_wp=False))
            case None:
                pass
            case _:
                assert_never(entry)

    def page_needs_cow_for_dma(self, page: int) -> bool:
        """include/linux/mm.h:page_needs_cow_for_dma()"""
        memory = self.memory
        frame = self.mapped(page)
        if memory.kernel.fork == Fork.EXCLUSIVE:
            if not memory.page_anon_exclusive(frame):
                return False
        if memory.kernel.has_pinned:
            if not memory.has_pinned[self.parent]:
                return False
        if memory.page_maybe_dma_pinned(frame):
            return True
        return False

    async def copy_present_page(self, page: int) -> None:
        """mm/memory.c:copy_present_page(): the child gets a copy now, the parent's entry stays writable."""
        memory = self.memory
        new = memory.alloc_page()
        memory.copy_user_highpage(self.mapped(page), new, memory.first_byte)
        for byte in memory.other_bytes:
            await step(f"copy {byte.value}")
            memory.copy_user_highpage(self.mapped(page), new, byte)
        memory.page_add_new_anon_rmap(new)
        memory.set_pte_at(self.child, page, Pte(new, memory.vm_write[self.child, page]))

    def mapped(self, page: int) -> Frame:
        """The frame that the parent maps."""
        return self.present(page).frame

    def present(self, page: int) -> Pte:
        """The entry of a page that the parent maps."""
        entry = self.memory.pte[self.parent, page]
        assert pte_present(entry), "fork copies an absent page"
        return entry

    def ptep_set_wrprotect(self, page: int) -> None:
        """include/linux/pgtable.h:ptep_set_wrprotect(): clears only the writable bit; TLBs are flushed later."""
        self.memory.set_pte_at(self.parent, page, replace(self.present(page), writable=False))

    def share(self, page: int) -> None:
        """Both processes map the page."""
        memory = self.memory
        frame = self.mapped(page)
        memory.get_page(frame)
        memory.page_add_rmap(frame)
        if memory.tracks_exclusive():
            memory.anon_exclusive[frame] = False
        memory.set_pte_at(self.child, page, replace(self.present(page), uffd_wp=False))
