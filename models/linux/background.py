"""Those who find entries by rmap: reclaim, KSM, migration. What a memory has because of them, and what it does without them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from explorer.language import array, pairs

if TYPE_CHECKING:
    from explorer.models.linux.memory import Frame, Memory
    from explorer.models.linux.structs import MmStruct, PageStruct


class Background:
    """None of them is at work: nobody looks at an entry while somebody else holds its page table lock, and no page is KSM's."""

    def declare(self, memory: Memory) -> None:
        """What the memory remembers because of them."""

    def at_work(self) -> bool:
        """Reclaim, KSM or migration act on the pages."""
        return False

    # ------------------------------------------------------------ page table locks

    def pte_unlocked(self, process: Enum, page: int) -> bool:
        """Nobody is between two steps that hold the page table lock of this entry."""
        return True

    def lock_pte(self, process: Enum, page: int) -> None:
        """spin_lock(): in the step that waited for `pte_unlocked`."""

    def unlock_pte(self, process: Enum, page: int) -> None:
        """spin_unlock()"""

    # ------------------------------------------------------------ KSM

    def is_ksm(self, frame: Frame) -> bool:
        """PageKsm()"""
        return False

    def set_ksm(self, frame: Frame, ksm: bool) -> None:
        """It is KSM's from now on, or an ordinary page."""

    def released(self, frame: Frame, freed: bool) -> None:
        """A reference was dropped; a page that is free is nobody's."""

    def migrate_flags(self, old: Frame, new: Frame) -> None:
        """folio_migrate_flags()"""

    def copy_mergeable(self, process: Enum, page: int, other: Enum, at: int) -> None:
        """VM_MERGEABLE of the other's VMA is that of the process's."""

    def clear_mergeable(self, process: Enum, page: int) -> None:
        """A new VMA does not have VM_MERGEABLE."""


class RmapWalkers(Background):
    """They are at work. `pte_locked`: who holds the page table lock of an entry over several steps, `ksm`: pages of KSM,
    `vm_mergeable`: VM_MERGEABLE; in the mm and the page."""

    def __init__(self) -> None:
        self.mm: MmStruct
        self.page: PageStruct

    def declare(self, memory: Memory) -> None:
        mm, page = memory.mm, memory.page
        self.mm, self.page = mm, page
        each = pairs(memory.processes, memory.pages)
        mm.pte_locked = array(each, bool, lambda key: False)
        mm.vm_mergeable = array(each, bool, lambda key: False)
        page.ksm = array(memory.frames, bool, lambda f: False)

    def at_work(self) -> bool:
        return True

    def pte_unlocked(self, process: Enum, page: int) -> bool:
        return not self.mm.pte_locked[process, page]

    def lock_pte(self, process: Enum, page: int) -> None:
        self.mm.pte_locked[process, page] = True

    def unlock_pte(self, process: Enum, page: int) -> None:
        self.mm.pte_locked[process, page] = False

    def is_ksm(self, frame: Frame) -> bool:
        return self.page.ksm[frame]

    def set_ksm(self, frame: Frame, ksm: bool) -> None:
        self.page.ksm[frame] = ksm

    def released(self, frame: Frame, freed: bool) -> None:
        self.page.ksm[frame] = not freed and self.page.ksm[frame]

    def migrate_flags(self, old: Frame, new: Frame) -> None:
        self.page.ksm[new] = self.page.ksm[old]

    def copy_mergeable(self, process: Enum, page: int, other: Enum, at: int) -> None:
        self.mm.vm_mergeable[other, at] = self.mm.vm_mergeable[process, page]

    def clear_mergeable(self, process: Enum, page: int) -> None:
        self.mm.vm_mergeable[process, page] = False
