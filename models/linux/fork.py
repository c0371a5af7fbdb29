"""fork() of the parent: the VMA, then page by page, then the flush.

| kernel | here | abstracted away |
|---|---|---|
| mmap_lock, notifiers, first half of write_protect_seq | one step | |
| mmap_lock and page table lock of the child | not taken | nobody else has the child's mm yet |
| page table lock of the parent | not taken | mmap_lock is held for write, so nobody waits for it |
| sharing a page, up to v5.9-rc7 | write-protect, then count and set the child's entry: two steps | |
| sharing a page, later | test for a pin, then share: two steps | |
| copying a page | test and copy the low half, then the high half: two steps | dropping the locks to allocate |
| second half of write_protect_seq | in the last step of the last page | |
| flush, unlock, wake the child | one step | |
"""

from __future__ import annotations

from explorer.language import Model, Part, step
from explorer.models.linux.anon import AnonMemory, Frame, Half, Process, Pte, Value, maps
from explorer.models.linux.kernels import Fork


class ForkCall(Part):
    """The parent's fork(). `dontcopy_is_empty`: VM_DONTCOPY leaves an empty VMA, as the mail of 2018-11-19 has it, not none."""

    def __init__(self, m: Model, mm: AnonMemory, *, dontcopy_is_empty: bool = False) -> None:
        super().__init__(m, "fork")
        self.mm, self.dontcopy_is_empty = mm, dontcopy_is_empty

    async def dup_mmap(self) -> None:
        """kernel/fork.c:dup_mmap(): ends with the child runnable."""
        mm = self.mm
        async with mm.parent_lock.write:
            self.fork_begins()
            if mm.vm_dontcopy:
                mm.vma[Process.CHILD] = self.dontcopy_is_empty
            else:
                mm.vma[Process.CHILD] = True
                if not mm.vm_wipeonfork:
                    await self.copy_page_range()
            await step("flush_tlb_mm")
            for page in mm.pages:
                mm.flush_tlb(Process.PARENT, page)
            mm.forking = False
        mm.child_runs = True

    def fork_begins(self) -> None:
        """Notes, for properties, what every byte of the parent holds as fork begins."""
        mm = self.mm
        mm.forking = True
        for page in mm.pages:
            for half in Half:
                for value in Value:
                    mm.had_in_fork[page, (half, value)] = any(
                        maps(mm.pte[Process.PARENT, page], f) and mm.data[f, half] == value for f in mm.frames
                    )

    async def copy_page_range(self) -> None:
        """mm/memory.c:copy_page_range()"""
        if self.mm.kernel.write_protect_seq:
            async with self.mm.write_protect_seq:
                await self.copy_pte_range()
        else:
            await self.copy_pte_range()

    async def copy_pte_range(self) -> None:
        """mm/memory.c:copy_pte_range()"""
        for page in self.mm.pages:
            if self.mm.kernel.fork == Fork.PLAIN:
                await self.copy_one_pte(page)
            else:
                await self.copy_present_pte(page)

    async def copy_one_pte(self, page: int) -> None:
        """mm/memory.c:copy_one_pte()"""
        await step("ptep_set_wrprotect")
        self.wrprotect(page)
        await step("set_pte_at")
        self.share(page)

    async def copy_present_pte(self, page: int) -> None:
        """mm/memory.c:copy_present_pte()"""
        await step("copy_present_pte")
        if self.page_needs_cow_for_dma(page):
            await self.copy_present_page(page)
        else:
            await step("ptep_set_wrprotect, set_pte_at")
            self.wrprotect(page)
            self.share(page)

    def page_needs_cow_for_dma(self, page: int) -> bool:
        """include/linux/mm.h:page_needs_cow_for_dma()"""
        mm = self.mm
        frame = self.mapped(page)
        if mm.kernel.fork == Fork.EXCLUSIVE:
            if not mm.page_anon_exclusive(frame):
                return False
        if mm.kernel.has_pinned:
            if not mm.has_pinned[Process.PARENT]:
                return False
        if mm.page_maybe_dma_pinned(frame):
            return True
        return False

    async def copy_present_page(self, page: int) -> None:
        """mm/memory.c:copy_present_page(): the child gets a copy now, the parent's entry stays writable."""
        mm = self.mm
        new = mm.alloc_page()
        mm.copy_half(self.mapped(page), new, Half.LOW)
        await step("copy high half")
        mm.copy_half(self.mapped(page), new, Half.HIGH)
        mm.add_new_anon_rmap(new)
        mm.pte[Process.CHILD, page] = Pte(new, True)

    def mapped(self, page: int) -> Frame:
        """The frame that the parent maps; these models fork only with every page present."""
        entry = self.mm.pte[Process.PARENT, page]
        assert entry is not None, "fork copies an absent page"
        return entry.frame

    def wrprotect(self, page: int) -> None:
        """include/linux/pgtable.h:ptep_set_wrprotect(): clears only the writable bit; TLBs are flushed later."""
        self.mm.pte[Process.PARENT, page] = Pte(self.mapped(page), False)

    def share(self, page: int) -> None:
        """Both processes map the page."""
        mm = self.mm
        frame = self.mapped(page)
        mm.refcount[frame] += 1
        mm.mapcount[frame] += 1
        if mm.tracks_exclusive():
            mm.anon_exclusive[frame] = False
        mm.pte[Process.CHILD, page] = mm.pte[Process.PARENT, page]
