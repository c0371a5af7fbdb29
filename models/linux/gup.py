"""get_user_pages() and pin_user_pages(), slow and fast, and unpin.

| kernel | here | abstracted away |
|---|---|---|
| mmap_lock, has_pinned | one step | |
| follow_page_mask(): look up and grab, under the page table lock | one step a page | |
| faultin_page(): unshares only after -EMLINK | the steps of the fault | VM_FAULT_RETRY, which drops mmap_lock |
| FOLL_LONGTERM: migration of movable pages | absent | |
| GUP-fast: has_pinned; seqcount; pte; grab; pte again; seqcount again | a step each | |
| interrupts off in GUP-fast | absent | they hold up TLB flushes by IPI: the model allows more |
| unpin_user_pages_dirty_lock() | one step for all pages | set_page_dirty(): nothing here reads the dirty bit |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Array, Model, Part, Sort, array, choose, optional, step
from explorer.models.linux.errno import Errno
from explorer.models.linux.faults import handle_mm_fault
from explorer.models.linux.memory import Access, Frame, Memory, Pte, pte_access_permitted, pte_present, pte_same
from explorer.models.linux.pin_request import PinRequest, Request
from explorer.models.linux.rules.cow import Reuse
from explorer.models.linux.rules.gup import FollForce, GupRead
from explorer.models.linux.rules.protection import Release


class Gup(Enum):
    """Which reference is asked for. A kernel without pin_user_pages() gives FOLL_GET for both."""

    PIN = "pin"
    GET = "get"


class Followed(Enum):
    """What follow_page_mask() gives: a page; NULL, where a fault has to bring one; -EMLINK, where there is one to unshare."""

    PAGE = "a page"
    NULL = "NULL"
    EMLINK = "-EMLINK"


class UserPages(Part):
    """The pages[] array of one caller of GUP, and the routines that fill and empty it.

    `process`: whose memory. `pages`: which of it. `write`: FOLL_WRITE. `longterm`: FOLL_LONGTERM. `may_fail`: there may be
    no VMA, or none that allows the access, or the pin is refused (`asks`): then GUP ends there. A page is the caller's from
    the step that stores it here.
    """

    def __init__(
        self,
        m: Model,
        name: str,
        memory: Memory,
        process: Enum,
        gup: Gup,
        *,
        pages: Sort[int] | None = None,
        write: bool = True,
        longterm: bool = False,
        may_fail: bool = False,
    ) -> None:
        super().__init__(m, name)
        self.memory, self.process, self.gup, self.write = memory, process, gup, write
        self.longterm, self.may_fail = longterm, may_fail
        self.pages = memory.pages if pages is None else pages
        self.start = self.pages.values()[0]
        self.end = self.start + len(self.pages)
        self.frame: Array[int, Frame | None] = array(self.pages, optional(memory.frames), lambda page: None)
        self.asks = PinRequest(m, f"{name}_request") if memory.cache.maps_files() else Request()

    def foll_pin(self) -> bool:
        """The references are FOLL_PIN."""
        return self.gup is Gup.PIN and self.memory.kernel.foll_pin

    # ------------------------------------------------------------ references

    def try_grab_page(self, frame: Frame) -> None:
        """mm/gup.c:try_grab_page()"""
        self.memory.get_page(frame)
        if self.foll_pin():
            self.memory.pins[frame] += 0 if self.memory.is_zero_page(frame) else 1

    def unpin_user_page(self, frame: Frame) -> None:
        """mm/gup.c:unpin_user_page(): or put_page() of a FOLL_GET."""
        if self.foll_pin():
            self.memory.pins[frame] -= 0 if self.memory.is_zero_page(frame) else 1
        self.memory.put_page(frame)

    def unpin_user_pages(self, end: int) -> None:
        """mm/gup.c:unpin_user_pages(): the pages before `end`."""
        for page in self.pages:
            if page < end:
                frame = self.frame[page]
                assert frame is not None, "a page is released that GUP did not give"
                self.unpin_user_page(frame)
                self.frame[page] = None

    def release_all(self) -> None:
        """mm/gup.c:unpin_user_pages(): of the caller who is done; put_page() in its place leaves the pins for ever."""
        leaked = (
            self.foll_pin()
            and self.memory.kernel.foll_pin_counted
            and self.memory.kernel.release == Release.PUT_PAGE  # ablation
        )
        if leaked:  # 1 of the 1024 references of each pin is dropped
            for page in self.pages:
                self.frame[page] = None
        else:
            self.unpin_user_pages(self.end)

    def must_write(self) -> bool:
        """The page has to be writable to be taken."""
        if self.memory.kernel.gup_read == GupRead.BREAKS_COW:
            return self.write or not self.memory.cache.shares(self.process, self.start)
        return self.write

    def must_unshare(self, frame: Frame) -> bool:
        """mm/internal.h:gup_must_unshare(): of a page that is mapped read-only."""
        if self.memory.cache.maps_as_shared(self.process, frame):
            return False
        if self.memory.kernel.reuse == Reuse.MAPCOUNT_UNSHARE:
            return self.memory.page_mapcount(frame) > 1
        if self.memory.kernel.gup_read == GupRead.UNSHARE and self.foll_pin():
            if self.memory.is_anon(frame):
                return not self.memory.page_anon_exclusive(frame)
            return self.longterm and self.memory.kernel.longterm_unshare
        return False

    def can_follow_write_pte(self, entry: Pte, foll_cow: bool) -> bool:
        """mm/gup.c:can_follow_write_pte(): as writable as the caller needs it.

        `foll_cow`: COW was broken where the VMA is not writable, so the entry is not either.
        """
        return pte_access_permitted(entry, self.must_write()) or (foll_cow and self.is_broken_cow(entry.frame))

    def is_broken_cow(self, frame: Frame) -> bool:
        """A write fault has left the entry dirty, which one to a KSM page is not; v5.8 takes it also without FOLL_FORCE."""
        dirty = self.memory.is_anon(frame) and not self.memory.is_ksm(frame)
        return dirty and self.memory.kernel.foll_force == FollForce.FOLL_COW_UNFORCED

    # ------------------------------------------------------------ slow

    async def get_user_pages(self, start: int) -> Errno:
        """mm/gup.c:__get_user_pages(): the pages from `start` on, until one can't be had."""
        memory = self.memory
        async with memory.mmap_lock(self.process).read:
            if self.foll_pin() and memory.kernel.has_pinned:
                memory.has_pinned[self.process] = True
            for page in self.pages:
                if self.may_fail:
                    error = self.check_vma_flags(page)
                    if error is not Errno.OK:
                        return error
                found, foll_cow = page < start, False
                while not found:
                    followed = await self.follow_page_mask(page, foll_cow)
                    found = followed is Followed.PAGE
                    if not found:
                        served = await self.faultin_page(page, followed is Followed.EMLINK)
                        if not served:
                            return Errno.EFAULT
                        foll_cow = self.must_write() and not memory.vm_write[self.process, page]
        return Errno.OK

    def check_vma_flags(self, page: int) -> Errno:
        """mm/gup.c:check_vma_flags(): there is a VMA, which allows the access and the pin."""
        memory = self.memory
        if not memory.find_vma(self.process, page):
            return Errno.EFAULT
        refusal = memory.cache.refuses_pin(self.process, page, self.write, self.longterm, self.foll_pin())
        self.asks.answered(refusal)
        if refusal is not Errno.OK:
            return refusal
        return Errno.OK if memory.vm_write[self.process, page] or not self.write else Errno.EFAULT

    async def follow_page_mask(self, page: int, foll_cow: bool) -> Followed:
        """mm/gup.c:follow_page_pte()"""
        await step("follow_page_mask", when=lambda: self.memory.pte_unlocked(self.process, page))
        entry = self.memory.pte[self.process, page]
        if not pte_present(entry):
            return Followed.NULL
        if not self.can_follow_write_pte(entry, foll_cow):
            return Followed.NULL
        if not entry.writable and self.must_unshare(entry.frame):
            return Followed.EMLINK
        self.try_grab_page(entry.frame)
        self.frame[page] = entry.frame
        return Followed.PAGE

    async def faultin_page(self, page: int, unshare: bool) -> bool:
        """mm/gup.c:faultin_page(): `unshare` only of a page that was there. False: SIGBUS, for which GUP gives -EFAULT."""
        access = Access.WRITE if self.must_write() else Access.UNSHARE if unshare else Access.READ
        served = await handle_mm_fault(self.memory, self.process, page, access)
        return served

    # ------------------------------------------------------------ fast

    async def get_user_pages_fast(self) -> Errno:
        """mm/gup.c:internal_get_user_pages_fast(): without locks; what it can't get, the slow path gets."""
        memory = self.memory
        marks = self.foll_pin() and memory.kernel.has_pinned
        await step("internal_get_user_pages_fast")
        if marks and memory.kernel.gup_fast_pins_first:  # ablation
            memory.has_pinned[self.process] = True
        pinned = await self.lockless_pages_from_mm()
        if marks and not memory.kernel.gup_fast_pins_first:  # ablation
            await step("set has_pinned")
            memory.has_pinned[self.process] = True
        if pinned < self.end:
            error = await self.get_user_pages(pinned)
            return error
        return Errno.OK

    async def lockless_pages_from_mm(self) -> int:
        """mm/gup.c:lockless_pages_from_mm(): the first page that it did not get."""
        seqcount = self.memory.write_protect_seq(self.process)
        watched = self.foll_pin() and self.memory.kernel.write_protect_seq
        sequence = 0
        if watched:
            await step("raw_read_seqcount")
            sequence = seqcount.sequence
            if self.memory.kernel.gup_fast_refuses_odd:  # ablation
                if sequence % 2 == 1:
                    return self.start
        pinned = self.start
        for page in self.pages:
            got = await self.gup_pte_range(page)
            if not got:
                break
            pinned += 1
        if watched and self.memory.kernel.gup_fast_seq_recheck:  # ablation
            await step("read_seqcount_retry")
            if seqcount.sequence != sequence:
                self.unpin_user_pages(pinned)
                return self.start
        return pinned

    async def gup_pte_range(self, page: int) -> bool:
        """mm/gup.c:gup_pte_range(): False: the page is left to the slow path."""
        memory, write = self.memory, self.must_write()
        await step("ptep_get_lockless")
        entry = memory.pte[self.process, page]
        if not pte_access_permitted(entry, write):
            return False
        orig = entry
        marked = self.sees_stale_mark() and memory.page_anon_exclusive(orig.frame)
        await step("try_grab_page")
        if memory.kernel.gup_fast_try_get:  # ablation
            if memory.page_count(orig.frame) == 0:
                return False
        self.try_grab_page(orig.frame)
        if memory.kernel.gup_fast_pte_recheck:  # ablation
            await step("read the pte again")
            if not pte_same(memory.pte[self.process, page], orig):
                self.unpin_user_page(orig.frame)
                return False
        if not memory.cache.fast_pin_allowed(orig.frame, self.write, self.longterm, self.foll_pin()):
            self.unpin_user_page(orig.frame)
            return False
        if not orig.writable:
            unshare = self.must_unshare(orig.frame)
            if unshare and marked:
                unshare = choose((False, True))  # the mark is read late or early
            if unshare:
                self.unpin_user_page(orig.frame)
                return False
        self.frame[page] = orig.frame
        return True

    def sees_stale_mark(self) -> bool:
        """GUP-fast may read PG_anon_exclusive as it was before the entry was read."""
        kernel = self.memory.kernel
        return (
            kernel.gup_read == GupRead.UNSHARE and not kernel.gup_fast_barriers and self.foll_pin() and not self.write
        )
