"""On-demand paging: a device with translations of its own, which mmu notifiers take away before the page table changes.

| kernel | here | abstracted away |
|---|---|---|
| mlx5_ib_invalidate_range() | the range is invalidated; no translation, when the hardware is idle: a step each | umem_mutex |
| mmu_interval_read_begin() | waits while an invalidation is active | |
| hmm_range_fault() | mmap_lock for reading; a fault, if need be; the frame, without a reference | ranges |
| mmu_interval_read_retry() | whether an invalidation began meanwhile: with the new translation, one step | |
| a DMA access | looked up, then done: two steps | |
| set_page_dirty() in the invalidation | with it, of a page of a file; without the page lock | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Array, Model, Range, array, optional, step, var
from explorer.language.picture import Arrow, Box
from explorer.models.linux.devices import DmaDevice, DmaReader, DmaWriter
from explorer.models.linux.faults import handle_mm_fault
from explorer.models.linux.memory import Access, Frame, Memory, MmuNotifier, frame_box, pte_access_permitted


class OdpDevice(MmuNotifier, DmaDevice):
    """A device that accesses every byte of its process once. It holds no references.

    `write`: it writes, and asks for writable pages. `translation`: what the hardware has. `in_flight`: the frame of an
    access that the hardware has looked up and not done. `active`: invalidations that have begun and not ended, `changes`
    at most. `invalidated`: one has begun since the device's page fault did.
    """

    def __init__(
        self, m: Model, memory: Memory, process: Enum, write: bool, *, changes: int = 3, name: str = "device"
    ) -> None:
        super().__init__(m, name)
        self.memory, self.process, self.write = memory, process, write
        self.translation: Array[int, Frame | None] = array(memory.pages, optional(memory.frames), lambda page: None)
        self.in_flight: Array[int, Frame | None] = array(memory.pages, optional(memory.frames), lambda page: None)
        self.active = array(memory.pages, Range(0, changes), lambda page: 0)
        self.invalidated = array(memory.pages, bool, lambda page: False)
        self.completed = var(bool, False)
        memory.notifiers = (*memory.notifiers, self)

    async def invalidate_range_start(self, page: int) -> None:
        """drivers/infiniband/hw/mlx5/odp.c:mlx5_ib_invalidate_range(): returns when the device has done with the page."""
        await step("mmu_notifier_invalidate_range_start")
        self.active[page] += 1
        self.invalidated[page] = True
        waits = self.memory.kernel.notifier_waits  # ablation
        await step("mlx5_ib_invalidate_range", when=lambda: not waits or self.in_flight[page] is None)
        frame = self.translation[page]
        dirties = self.write and self.memory.kernel.odp_dirty  # ablation
        if self.memory.cache.maps_files() and dirties and frame is not None:
            self.memory.cache.set_page_dirty(frame)
        self.translation[page] = None

    async def invalidate_range_end(self, page: int) -> None:
        """mm/mmu_notifier.c:mn_itree_inv_end()"""
        await step("mmu_notifier_invalidate_range_end")
        self.active[page] -= 1

    async def dma(self) -> None:
        """The device accesses every page of the region and reports completion."""
        for page in self.memory.pages:
            for byte in self.memory.bytes:
                await self.access(page, byte)
        await step("completion")
        self.completed = True

    async def access(self, page: int, byte: Enum) -> None:
        """One byte, after as many device page faults as it takes."""
        while True:
            await step(f"look up page {page}")
            frame = self.translation[page]
            if frame is not None:
                break
            await self.pagefault_mr(page)
        self.in_flight[page] = frame
        await step(f"DMA, {byte.value} of page {page}")
        self.transfer(page, byte, frame)
        self.in_flight[page] = None

    async def pagefault_mr(self, page: int) -> None:
        """drivers/infiniband/hw/mlx5/odp.c:pagefault_real_mr(): a device page fault."""
        memory = self.memory
        retry = memory.kernel.odp_read_retry  # ablation
        await step("mmu_interval_read_begin", when=lambda: self.active[page] == 0)
        self.invalidated[page] = False
        found = await self.hmm_range_fault(page)
        await step("mmu_interval_read_retry")
        if found is not None and not (retry and self.invalidated[page]):
            self.translation[page] = found

    async def hmm_range_fault(self, page: int) -> Frame | None:
        """mm/hmm.c:hmm_range_fault(): the frame that the process maps. None: it has no such page any more."""
        memory = self.memory
        async with memory.mmap_lock(self.process).read:
            while True:
                if not self.allowed(page):
                    return None
                await step("hmm_vma_walk_pmd", when=lambda: memory.pte_unlocked(self.process, page))
                entry = memory.pte[self.process, page]
                if pte_access_permitted(entry, self.write):
                    return entry.frame
                served = await handle_mm_fault(memory, self.process, page, Access.WRITE if self.write else Access.READ)
                if not served:
                    return None

    def allowed(self, page: int) -> bool:
        """mm/hmm.c:hmm_vma_fault(): the VMA's flags allow the access."""
        return self.memory.find_vma(self.process, page) and (self.memory.vm_write[self.process, page] or not self.write)

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        arrows = []
        for page in self.memory.pages:
            frame, late = self.translation[page], self.in_flight[page]
            if frame is not None:
                arrows.append(Arrow("odp", frame_box(frame), self.memory.said(page, "DMA")))
            if late is not None and late != frame:
                arrows.append(Arrow("odp", frame_box(late), self.memory.said(page, "DMA in flight"), alarm=True))
        rows = ("completed",) if self.completed else ()
        return Box("odp", "HCA with ODP", rows, "mapper"), tuple(arrows)


class OdpWriter(DmaWriter, OdpDevice):
    """It writes. `value`: what. `writer`: itself, in history."""

    def __init__(self, m: Model, memory: Memory, process: Enum, value: Enum, writer: Enum) -> None:
        super().__init__(m, memory, process, True)
        self.value, self.writer = value, writer


class OdpReader(DmaReader, OdpDevice):
    """It reads."""

    def __init__(self, m: Model, memory: Memory, process: Enum) -> None:
        super().__init__(m, memory, process, False)
