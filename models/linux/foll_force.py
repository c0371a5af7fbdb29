"""FOLL_FORCE: the kernel writes on behalf of a debugger where the process itself may not, through /proc/pid/mem.

| kernel | here | abstracted away |
|---|---|---|
| follow_page_mask(), under the page table lock | one step | |
| faultin_page() | the steps of the fault | |
| VM_FAULT_WRITE | the entry was there, and names an anonymous page when the fault returns | |
| pte_dirty() | of an anonymous page: true, as a store's copy is; of a page of a file: one bit | |
| copy_to_user_page(); set_page_dirty_lock(), put_page() | one step; two, of a page of a file | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step
from explorer.models.linux.faults import handle_mm_fault
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.memory import Access, Memory, Pte, pte_present
from explorer.models.linux.page_cache import page_cache_of
from explorer.models.linux.rules.gup import FollForce
from explorer.models.linux.writeback import set_page_dirty_lock


class ForcedWrite(UserPages):
    """One write of a byte through /proc/pid/mem, which takes FOLL_GET | FOLL_WRITE | FOLL_FORCE."""

    def __init__(self, m: Model, memory: Memory, process: Enum) -> None:
        super().__init__(m, "forced", memory, process, Gup.GET)

    async def access_remote_vm(self, page: int, byte: Enum, value: Enum, writer: Enum) -> None:
        """mm/memory.c:__access_remote_vm()"""
        async with self.memory.mmap_lock(self.process).read:
            await self.get_forced_page(page)
            await step("copy_to_user_page")
            frame = self.frame[page]
            assert frame is not None
            self.memory.write_data(frame, byte, value, writer)
            if self.memory.cache.maps_files():
                await set_page_dirty_lock(page_cache_of(self.memory), frame)
            self.unpin_user_pages(self.end)

    async def get_forced_page(self, page: int) -> None:
        """mm/gup.c:__get_user_pages(): the page for writing, in a private mapping that does not allow it."""
        memory = self.memory
        foll_write, foll_cow = True, False
        while True:
            await step("follow_page_mask", when=lambda: memory.pte_unlocked(self.process, page))
            entry = memory.pte[self.process, page]
            if pte_present(entry):
                if not foll_write or self.can_follow_write_pte(entry, foll_cow):
                    self.try_grab_page(entry.frame)
                    self.frame[page] = entry.frame
                    return
            present = pte_present(entry)
            await handle_mm_fault(memory, self.process, page, Access.WRITE if foll_write else Access.READ)
            now = memory.mapped(self.process, page)
            broke_cow = False
            if now is not None:
                broke_cow = present and memory.is_anon(now)
            if broke_cow and foll_write and not memory.vm_write[self.process, page]:
                if memory.kernel.foll_force == FollForce.DROPS_FOLL_WRITE:
                    foll_write = False
                else:
                    foll_cow = True

    def can_follow_write_pte(self, entry: Pte, foll_cow: bool) -> bool:
        """mm/gup.c:can_follow_write_pte()"""
        memory = self.memory
        anon = memory.is_anon(entry.frame)
        if memory.kernel.foll_force == FollForce.EXCLUSIVE:
            return entry.writable or (anon and memory.page_anon_exclusive(entry.frame))
        return entry.writable or (foll_cow and (anon or entry.dirty))
