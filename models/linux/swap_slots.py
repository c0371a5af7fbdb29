"""Swap slots and the swap cache: what a memory has that can be swapped out."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from explorer.language import Array, Model, Part, Range, Scalarset, array, choose, optional, pairs
from explorer.models.linux.features import Swapping
from explorer.models.linux.memory import Frame, Memory, Slot, SwapEntry


class Swap(Part, Swapping):
    """Swap slots and the swap cache; the memory `swaps`.

    `count`: entries that name the slot (swap_map). `cached`: the frame in the swap cache, which holds a reference of it;
    `slot`: the slot of a frame that is there (page_private()).
    `locked`: reclaim has the page lock, for which swapping in waits. `tlb_flush_batched`: reclaim has unmapped pages of the
    process and put their flush off; as in the kernel only flush_tlb_batched_pending() takes that back.
    `data`: what was written to the slot. `swapped`: the pages that are swapped out at the start, one process each, with what
    their bytes hold.
    """

    def __init__(
        self,
        m: Model,
        memory: Memory,
        slots: int,
        swapped: tuple[tuple[Enum, int], ...] = (),
        old: Callable[[int, Enum], Enum] | None = None,
    ) -> None:
        super().__init__(m, "swap")
        self.memory, self.slots = memory, Scalarset(Slot, slots)
        self.swapped = dict(zip(swapped, self.slots.values(), strict=False))
        page_in = {slot: page for (_, page), slot in self.swapped.items()}

        def held(slot: Slot, byte: Enum) -> Enum:
            return old(page_in[slot], byte) if old is not None and slot in page_in else memory.zero

        self.count = array(self.slots, Range(0, len(memory.processes)), lambda slot: int(slot in page_in))
        self.cached: Array[Slot, Frame | None] = array(self.slots, optional(memory.frames), lambda slot: None)
        self.slot: Array[Frame, Slot | None] = array(memory.frames, optional(self.slots), lambda frame: None)
        self.locked = array(memory.frames, bool, lambda frame: False)
        self.tlb_flush_batched = array(memory.processes, bool, lambda process: False)
        self.data: Array[tuple[Slot, Enum], Enum] = array(
            pairs(self.slots, memory.bytes), memory.values, lambda key: held(*key)
        )
        memory.stored_before |= {
            (p, (page, byte)): held(slot, byte) for (p, page), slot in self.swapped.items() for byte in memory.bytes
        }
        memory.swap = self
        memory.entries_may_be(kinds=(SwapEntry,))

    def holds(self, slot: Slot, byte: Enum, value: Enum | None) -> bool:
        """A fault on an entry that names the slot would bring the value. A slot that no entry counts is anybody's."""
        cached = self.cached[slot]
        held = self.data[slot, byte] if cached is None else self.memory.data[cached, byte]
        return self.count[slot] > 0 and held == value

    def batches_flushes(self) -> bool:
        return self.memory.background.at_work()

    def lookup_swap_cache(self, slot: Slot) -> Frame | None:
        """mm/swap_state.c:lookup_swap_cache(): of the slot's page."""
        return self.cached[slot]

    def page_locked(self, frame: Frame) -> bool:
        """include/linux/page-flags.h:PageLocked(): held by reclaim, KSM and migration, where there is swap."""
        return self.locked[frame]

    def trylock_page(self, frame: Frame) -> bool:
        """include/linux/pagemap.h:trylock_page()"""
        if self.locked[frame]:
            return False
        self.locked[frame] = True
        return True

    def unlock_page(self, frame: Frame) -> None:
        """mm/filemap.c:unlock_page()"""
        self.locked[frame] = False

    def in_swap_cache(self, frame: Frame) -> bool:
        """include/linux/page-flags.h:PageSwapCache()"""
        return self.slot[frame] is not None

    def page_swapcount(self, frame: Frame) -> int:
        """mm/swapfile.c:page_swapcount(): entries that name the slot of a page in the swap cache."""
        slot = self.slot[frame]
        return 0 if slot is None else self.count[slot]

    def add_to_swap_cache(self, slot: Slot, frame: Frame) -> None:
        """mm/swap_state.c:add_to_swap_cache(): with a reference."""
        self.cached[slot] = frame
        self.slot[frame] = slot
        self.memory.get_page(frame)

    def folio_migrate_mapping(self, old: Frame, new: Frame) -> None:
        """mm/migrate.c:folio_migrate_mapping(): the swap cache has the new page instead, if it had the old one."""
        slot = self.slot[old]
        if slot is not None:
            self.add_to_swap_cache(slot, new)
            self.slot[old] = None
            self.memory.put_page(old)

    def add_to_swap(self, frame: Frame) -> bool:
        """mm/swap_state.c:add_to_swap(): any free slot will do. False: swap is full."""
        if not self.memory.enough and not any(self.count[s] == 0 and self.cached[s] is None for s in self.slots):
            return False
        slot = choose(s for s in self.slots if self.count[s] == 0 and self.cached[s] is None)
        self.add_to_swap_cache(slot, frame)
        return True

    def delete_from_swap_cache(self, frame: Frame) -> None:
        """mm/swap_state.c:delete_from_swap_cache(): with the reference."""
        slot = self.slot[frame]
        if slot is not None:
            self.cached[slot] = None
            self.slot[frame] = None
        self.memory.put_page(frame)

    def swap_read_folio(self, slot: Slot, frame: Frame) -> None:
        """mm/page_io.c:swap_read_folio(): what was written to the slot."""
        for byte in self.memory.bytes:
            self.memory.data[frame, byte] = self.data[slot, byte]

    def swap_writepage(self, frame: Frame) -> None:
        """mm/page_io.c:swap_writepage()"""
        slot = self.slot[frame]
        if slot is not None:
            for byte in self.memory.bytes:
                self.data[slot, byte] = self.memory.data[frame, byte]

    def at_start(self, process: Enum, page: int) -> SwapEntry | None:
        """The entry of a page that is swapped out at the start."""
        there = (process, page) in self.swapped
        return SwapEntry(self.swapped[process, page], True) if there else None

    def swap_duplicate(self, slot: Slot) -> None:
        """mm/swapfile.c:swap_duplicate(): one entry more names the slot."""
        self.count[slot] += 1

    def swap_free(self, slot: Slot) -> None:
        """mm/swapfile.c:swap_free(): one entry fewer names the slot."""
        self.count[slot] -= 1

    def try_to_free_swap(self, frame: Frame) -> None:
        """mm/swapfile.c:try_to_free_swap(): out of the swap cache, if no entry names its slot."""
        if self.in_swap_cache(frame) and self.page_swapcount(frame) == 0:
            self.delete_from_swap_cache(frame)

    def free_last_but_one(self, frame: Frame) -> None:
        """try_to_free_swap(), where the swap cache's reference is the only one beside the mapping's."""
        if self.memory.page_count(frame) == 2:
            self.try_to_free_swap(frame)

    def free_unmapped(self, frame: Frame) -> None:
        """try_to_free_swap(), of a page that nobody maps any more."""
        if self.memory.page_mapcount(frame) == 0:
            self.try_to_free_swap(frame)

    def free_swap_cache(self, frame: Frame) -> None:
        """mm/swap_state.c:free_swap_cache(): of a page that is no longer mapped, and whose slot no entry names."""
        idle = self.memory.page_mapcount(frame) == 0 and self.page_swapcount(frame) == 0
        if self.in_swap_cache(frame) and idle and not self.locked[frame]:
            self.delete_from_swap_cache(frame)

    def free_swap_and_cache(self, slot: Slot) -> None:
        """mm/swapfile.c:free_swap_and_cache(): an entry that names the slot goes; with the last, what the swap cache has."""
        self.swap_free(slot)
        cached = self.cached[slot]
        if cached is not None:
            self.free_swap_cache(cached)


def swap_of(memory: Memory) -> Swap:
    """The swap of a memory that has some."""
    assert isinstance(memory.swap, Swap), "nothing is swapped without Swap(m, memory, slots)"
    return memory.swap
