"""get_user_pages() and pin_user_pages(), slow and fast, and unpin. kernel-mm sections 2.3 to 2.5.

| kernel | here | abstracted away |
|---|---|---|
| S0 mmap_lock, has_pinned | one step | |
| S2 to S6 look up and grab, under the page table lock | one step a page | |
| S7 faultin_page() | the steps of the fault | VM_FAULT_RETRY, which drops mmap_lock and starts the page again |
| S9 migration of movable pages | absent | |
| Q0, Q1, Q2-Q3, Q4, Q5-Q8, Q9 | a step each | interrupts off: they hold up TLB flushes by IPI, so the model allows more |
| U1 to U3 set_page_dirty_lock() | absent: no rule reads the dirty bit of anonymous pages here | |
| U4 unpin | one step for all pages | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Array, Model, Part, array, optional, step
from explorer.models.linux.anon import AnonMemory, Frame, Process, Pte, maps
from explorer.models.linux.kernels import GupRead, Reuse


class Gup(Enum):
    """Which reference is asked for. A kernel without pin_user_pages() gives FOLL_GET for both."""

    PIN = "pin"
    GET = "get"


class UserPages(Part):
    """The pages[] array of one caller of GUP, and the routines that fill and empty it.

    `process`: whose memory. `write`: FOLL_WRITE. A page is the caller's from the step that stores it here.
    """

    def __init__(self, m: Model, name: str, mm: AnonMemory, process: Process, gup: Gup, *, write: bool = True) -> None:
        super().__init__(m, name)
        self.mm, self.process, self.gup, self.write = mm, process, gup, write
        self.frame: Array[int, Frame | None] = array(mm.pages, optional(mm.frames), lambda page: None)

    def foll_pin(self) -> bool:
        """The references are FOLL_PIN."""
        return self.gup is Gup.PIN and self.mm.kernel.foll_pin

    # ------------------------------------------------------------ references

    def grab(self, frame: Frame) -> None:
        """mm/gup.c:try_grab_page()"""
        self.mm.refcount[frame] += 1
        if self.foll_pin():
            self.mm.pins[frame] += 1

    def release(self, frame: Frame) -> None:
        """mm/gup.c:unpin_user_page(): or put_page() of a FOLL_GET."""
        if self.foll_pin():
            self.mm.pins[frame] -= 1
        self.mm.put_page(frame)

    def release_all(self) -> None:
        """mm/gup.c:unpin_user_pages()"""
        for page in self.mm.pages:
            frame = self.frame[page]
            if frame is not None:
                self.release(frame)
                self.frame[page] = None

    def must_write(self) -> bool:
        """The page has to be writable to be taken."""
        return self.write or self.mm.kernel.gup_read == GupRead.BREAKS_COW

    def must_unshare(self, entry: Pte) -> bool:
        """mm/internal.h:gup_must_unshare(): of a page that is not writable."""
        if self.mm.kernel.reuse == Reuse.MAPCOUNT_UNSHARE:
            return self.mm.mapcount[entry.frame] > 1
        if self.mm.kernel.gup_read != GupRead.UNSHARE or not self.foll_pin():
            return False
        return not self.mm.anon_exclusive[entry.frame]

    def may_take(self, entry: Pte | None) -> bool:
        """The entry is good enough for what the caller asked."""
        if entry is None:
            return False
        return entry.writable or not (self.must_write() or self.must_unshare(entry))

    # ------------------------------------------------------------ slow

    async def get_user_pages(self) -> None:
        """mm/gup.c:__get_user_pages(): pages that the caller already has are kept."""
        mm = self.mm
        async with mm.mmap_lock(self.process).read:
            if self.foll_pin() and mm.kernel.has_pinned:
                mm.has_pinned[self.process] = True
            for page in mm.pages:
                while self.frame[page] is None:
                    await step("follow_page_mask")
                    entry = mm.pte[self.process, page]
                    if entry is not None and self.may_take(entry):
                        self.grab(entry.frame)
                        self.frame[page] = entry.frame
                    else:
                        await self.faultin_page(page)

    async def faultin_page(self, page: int) -> None:
        """mm/gup.c:faultin_page()"""
        if self.must_write():
            await self.mm.handle_mm_fault(self.process, page, False)
        else:
            await self.mm.handle_mm_fault(self.process, page, True)

    # ------------------------------------------------------------ fast

    async def get_user_pages_fast(self) -> None:
        """mm/gup.c:internal_get_user_pages_fast(): without locks; what it can't get, the slow path gets."""
        mm = self.mm
        await step("internal_get_user_pages_fast")
        if self.foll_pin() and mm.kernel.has_pinned:
            mm.has_pinned[self.process] = True
        sequence = 0
        if self.foll_pin() and mm.kernel.write_protect_seq:
            await step("raw_read_seqcount(write_protect_seq)")
            sequence = mm.write_protect_seq.sequence
            if mm.write_protect_seq.busy():
                await self.get_user_pages()
                return
        for page in mm.pages:
            await self.gup_pte_range(page)
        if self.foll_pin() and mm.kernel.write_protect_seq:
            await step("read_seqcount_retry(write_protect_seq)")
            if mm.write_protect_seq.sequence != sequence:
                self.release_all()
        if any(self.frame[page] is None for page in mm.pages):
            await self.get_user_pages()

    async def gup_pte_range(self, page: int) -> None:
        """mm/gup.c:gup_pte_range(): Q2 to Q8."""
        mm = self.mm
        await step("ptep_get_lockless")
        entry = mm.pte[self.process, page]
        if entry is None or (self.must_write() and not entry.writable):
            return
        frame = entry.frame
        writable = entry.writable
        await step("try_grab_page")
        if mm.refcount[frame] == 0:
            return
        self.grab(frame)
        await step("re-read the pte")
        found = mm.pte[self.process, page]
        if maps(found, frame) and found == Pte(frame, writable) and (writable or not self.must_unshare(Pte(frame, False))):
            self.frame[page] = frame
        else:
            self.release(frame)

    # ------------------------------------------------------------ the ways in and out

    async def pin(self, fast: bool) -> None:
        """Fill the array."""
        if fast:
            await self.get_user_pages_fast()
        else:
            await self.get_user_pages()
