"""What the kernel routines ask of swap and of files, and whom they tell what properties remember.

Each class here is the feature of a memory that does not have it: nothing is swapped out, no VMA maps a file, nobody remembers. So
a routine reads as the kernel's and asks for no feature first. A memory that has the feature holds a part that says more:
`swap_slots.Swap`, `page_cache.PageCache`, a history. What is absent has no state and no actions.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from explorer.language import Array
from explorer.models.linux.errno import Errno

if TYPE_CHECKING:
    from explorer.models.linux.memory import Frame, Pte, Slot, SwapEntry


class Swapping:
    """No swap: no entry is a swap entry, no page is in the swap cache, and nobody holds a page lock over several steps.

    `tlb_flush_batched`: where `batches_flushes`, reclaim has put a flush of the process off.
    """

    tlb_flush_batched: Array[Enum, bool]

    def batches_flushes(self) -> bool:
        """Reclaim may have unmapped pages and put the flush off."""
        return False

    def at_start(self, process: Enum, page: int) -> SwapEntry | None:
        """The entry of a page that is swapped out at the start."""
        return None

    def holds(self, slot: Slot, byte: Enum, value: Enum | None) -> bool:
        """A fault on an entry that names the slot would bring the value."""
        return False

    def lookup_swap_cache(self, slot: Slot) -> Frame | None:
        """lookup_swap_cache(): the page of the slot that the swap cache has."""
        return None

    def in_swap_cache(self, frame: Frame) -> bool:
        """PageSwapCache()"""
        return False

    def page_swapcount(self, frame: Frame) -> int:
        """page_swapcount(): entries that name the slot of a page in the swap cache."""
        return 0

    def page_locked(self, frame: Frame) -> bool:
        """PageLocked(): by reclaim, KSM or migration, over several steps."""
        return False

    def trylock_page(self, frame: Frame) -> bool:
        """trylock_page()"""
        return True

    def unlock_page(self, frame: Frame) -> None:
        """unlock_page()"""

    def swap_duplicate(self, slot: Slot) -> None:
        """swap_duplicate(): one entry more names the slot."""

    def free_swap_and_cache(self, slot: Slot) -> None:
        """free_swap_and_cache(): an entry that names the slot goes; with the last, what the swap cache has."""

    def free_swap_cache(self, frame: Frame) -> None:
        """free_swap_cache(): of a page that is no longer mapped, and whose slot no entry names."""

    def try_to_free_swap(self, frame: Frame) -> None:
        """try_to_free_swap(): out of the swap cache, if no entry names its slot."""

    def free_last_but_one(self, frame: Frame) -> None:
        """do_wp_page(): try_to_free_swap(), where the swap cache's reference may be the only other one."""

    def free_unmapped(self, frame: Frame) -> None:
        """replace_page(): try_to_free_swap(), of a page that nobody maps any more."""

    def folio_migrate_mapping(self, old: Frame, new: Frame) -> None:
        """folio_migrate_mapping(): the swap cache has the new page instead, if it had the old one."""


class FileMappings:
    """No files: no VMA maps one, and every page is anonymous, but for the zero page."""

    def maps_files(self) -> bool:
        """Some VMA may map a file."""
        return False

    # ------------------------------------------------------------ VMAs

    def file_page(self, process: Enum, page: int) -> int | None:
        """The file page that the process's VMA maps at the page."""
        return None

    def is_shared(self, process: Enum, page: int) -> bool:
        """The process's VMA has VM_SHARED."""
        return False

    def shares(self, process: Enum, page: int) -> bool:
        """The page is a shared mapping of a file."""
        return False

    def is_dax(self, i: int) -> bool:
        """IS_DAX(): of the file of the page."""
        return False

    def dup_vma(self, parent: Enum, child: Enum, page: int) -> None:
        """dup_mmap(): the child's VMA maps the same file."""

    def copy_vma(self, process: Enum, old: int, new: int) -> None:
        """copy_vma(): the new VMA maps what the old one maps."""

    # ------------------------------------------------------------ pages

    def is_file_page(self, frame: Frame) -> bool:
        """The page is a file's, or was, before truncate."""
        return False

    def maps_as_shared(self, process: Enum, frame: Frame) -> bool:
        """The process has the frame in a shared mapping."""
        return False

    def holds(self, process: Enum, page: int, byte: Enum, value: Enum | None) -> bool:
        """A fault on an absent entry of a mapping of a file would bring the value."""
        return False

    def released(self, frame: Frame, freed: bool) -> None:
        """A reference was dropped; the last takes with it what is kept of the page."""

    def written(self, frame: Frame, byte: Enum, value: Enum) -> None:
        """A byte of the page was written, by a store or by DMA."""

    def stored(self, process: Enum, page: int) -> None:
        """The hardware marks the entry dirty that a store goes through."""

    def zap(self, entry: Pte) -> None:
        """zap_pte_range(): what a removed entry says of dirtiness goes to the page."""

    def set_page_dirty(self, frame: Frame) -> None:
        """set_page_dirty(): an anonymous page is dirty anyway."""

    def marks(self, frame: Frame) -> list[str]:
        """What a picture says of the frame."""
        return []

    # ------------------------------------------------------------ signals and pins

    def force_sigbus(self, process: Enum) -> None:
        """do_sigbus()"""

    def got_sigbus(self, process: Enum) -> bool:
        """The process was sent SIGBUS."""
        return False

    def refuses_pin(self, process: Enum, page: int, write: bool, longterm: bool, pin: bool) -> Errno:
        """check_vma_flags(): of a long-term pin of a mapping of a file."""
        return Errno.OK

    def fast_pin_allowed(self, frame: Frame, write: bool, longterm: bool, pin: bool) -> bool:
        """folio_fast_pin_allowed()"""
        return True


class History:
    """Base of what properties remember: it hears of what happens to data, and nothing else reads it. This one forgets."""

    def written(self, frame: Frame, byte: Enum, value: Enum, writer: Enum) -> None:
        """A store or DMA by the writer."""

    def page_written(self, page: int, byte: Enum, writer: Enum) -> None:
        """The writer meant this page of its process."""

    def stored(self, process: Enum, page: int, byte: Enum, value: Enum, frame: Frame) -> None:
        """A CPU of the process stored the value to its page, which it takes the frame for."""

    def device_read(self, process: Enum, page: int, byte: Enum, value: Enum) -> None:
        """A device that serves the process read the value from what it takes for its page."""

    def zapped(self, process: Enum, page: int) -> None:
        """The process gave the page up."""

    def given_up(self, process: Enum, page: int, pending: bool) -> None:
        """The process is giving the page up and, while that is pending, may still store to it by a TLB: nobody looks there."""

    def moved(self, process: Enum, old: int, new: int) -> None:
        """The process has the page elsewhere now."""
        self.zapped(process, old)

    def copied(self, old: Frame, new: Frame, byte: Enum) -> None:
        """The kernel copied a byte of a page."""

    def released(self, frame: Frame, freed: bool) -> None:
        """A reference was dropped; `freed`: the last."""

    def read(self, process: Enum, page: int, byte: Enum, value: Enum) -> None:
        """A load by the process gave the value."""

    def fork_begins(self) -> None:
        """Fork has taken mmap_lock."""

    def fork_ends(self) -> None:
        """Fork is about to give mmap_lock back."""
