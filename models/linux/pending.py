"""Who changes entries under mmap_lock for reading and flushes TLBs later: userfaultfd, NUMA hints, MADV_DONTNEED.

What a memory has because of them (`DeferredFlushes`), and what it does without them (`NoDeferredFlushes`). mm->tlb_flush_pending
(include/linux/mm_types.h) counts them, and whoever finds the count raised flushes for them.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Range, array
from explorer.models.linux.shape import Tasks
from explorer.models.linux.structs import MmStruct


class NoDeferredFlushes:
    """Nobody does: no process has a count of them."""

    bits: tuple[str, ...] = ()  # of entries, that they set

    def declare(self, mm: MmStruct, tasks: Tasks) -> None:
        """What an mm remembers because of them."""

    def mm_tlb_flush_pending(self, process: Enum) -> bool:
        """mm_tlb_flush_pending(): somebody has put a flush off."""
        return False


class DeferredFlushes(NoDeferredFlushes):
    """They are at work. `tlb_flush_pending`: how many have put a flush off, in the mm."""

    bits = ("protnone", "uffd_wp")

    def __init__(self) -> None:
        self.mm: MmStruct

    def declare(self, mm: MmStruct, tasks: Tasks) -> None:
        self.mm = mm
        mm.tlb_flush_pending = array(tasks.processes, Range(0, tasks.readers), lambda p: 0)

    def mm_tlb_flush_pending(self, process: Enum) -> bool:
        return self.mm.tlb_flush_pending[process] > 0
