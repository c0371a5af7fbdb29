"""Shared virtual addressing: a device that walks the page table of the CPU, and keeps what it finds in a TLB of its own.

| kernel | here | abstracted away |
|---|---|---|
| ATS translation, the device TLB | as a CPU's TLB: filled by an access | |
| PRI page request, iommu_sva_handle_mm() | mmap_lock for reading; a fault | |
| arch_invalidate_secondary_tlbs(), ptep_clear_flush_notify() | in the step that flushes the CPUs' TLBs | waiting for it |
| the same, put off to mmu_notifier_invalidate_range_end() (rule secondary_tlb_flush) | one step | |
| the PASID of a child | none: fork removes it | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Array, Model, array, optional, step, var
from explorer.language.picture import Arrow, Box
from explorer.models.linux.devices import DmaDevice, DmaReader, DmaWriter
from explorer.models.linux.faults import handle_mm_fault
from explorer.models.linux.memory import (
    Access,
    Frame,
    Memory,
    MmuNotifier,
    Translation,
    frame_box,
    maps,
    pte_access_permitted,
    tlb_hit,
)


class SvaDevice(MmuNotifier, DmaDevice):
    """A device that accesses every byte of its process once, at the process's addresses.

    `write`: it writes. `device_tlb`: what it holds of the page table.
    """

    def __init__(self, m: Model, memory: Memory, process: Enum, write: bool, *, name: str = "device") -> None:
        super().__init__(m, name)
        self.memory, self.process, self.write = memory, process, write
        self.device_tlb: Array[int, Translation | None] = array(memory.pages, optional(Translation), lambda page: None)
        self.completed = var(bool, False)
        memory.notifiers = (*memory.notifiers, self)

    def invalidate_secondary_tlb(self, page: int) -> None:
        """drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c:arm_smmu_mm_arch_invalidate_secondary_tlbs()"""
        if self.memory.kernel.secondary_tlb_flush:  # ablation
            self.device_tlb[page] = None

    async def invalidate_range_end(self, page: int) -> None:
        """mm/mmu_notifier.c:mn_hlist_invalidate_end(): where the flush was put off."""
        if not self.memory.kernel.secondary_tlb_flush:  # ablation
            await step("invalidate the device TLB")
            self.device_tlb[page] = None

    async def dma(self) -> None:
        """The device accesses every page of the region and reports completion."""
        for page in self.memory.pages:
            for byte in self.memory.bytes:
                await self.access(page, byte)
        await step("completion")
        self.completed = True

    async def access(self, page: int, byte: Enum) -> None:
        """One byte, after as many page requests as it takes; what the process has given up is left alone."""
        while True:
            await step(f"DMA, {byte.value} of page {page}")
            frame = self.translate(page)
            if frame is not None:
                self.transfer(page, byte, frame)
                return
            served = await self.page_request(page)
            if not served:
                return

    async def page_request(self, page: int) -> bool:
        """drivers/iommu/iommu-sva.c:iommu_sva_handle_mm(): False: the process has no such page."""
        async with self.memory.mmap_lock(self.process).read:
            if not self.allowed(page):
                return False
            await handle_mm_fault(self.memory, self.process, page, Access.WRITE if self.write else Access.READ)
            return True

    def allowed(self, page: int) -> bool:
        """The VMA's flags allow the access."""
        return self.memory.find_vma(self.process, page) and (self.memory.vm_write[self.process, page] or not self.write)

    def translate(self, page: int) -> Frame | None:
        """What the device TLB says, or a walk of the page table, which fills it. None: a page request."""
        cached = self.device_tlb[page]
        if tlb_hit(cached, self.write):
            return cached.frame
        entry = self.memory.pte[self.process, page]
        if pte_access_permitted(entry, self.write):
            self.device_tlb[page] = Translation(entry.frame, entry.writable)
            return entry.frame
        return None

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        arrows = []
        for page in self.memory.pages:
            cached, entry = self.device_tlb[page], self.memory.pte[self.process, page]
            if cached is not None:
                strayed = entry is not None and not maps(entry, cached.frame)
                arrows.append(Arrow("sva", frame_box(cached.frame), self.memory.said(page, "DMA"), alarm=strayed))
        rows = ("completed",) if self.completed else ()
        return Box("sva", "DEVICE", rows, "mapper"), tuple(arrows)


class SvaWriter(DmaWriter, SvaDevice):
    """It writes. `value`: what. `writer`: itself, in history."""

    def __init__(self, m: Model, memory: Memory, process: Enum, value: Enum, writer: Enum) -> None:
        super().__init__(m, memory, process, True)
        self.value, self.writer = value, writer


class SvaReader(DmaReader, SvaDevice):
    """It reads."""

    def __init__(self, m: Model, memory: Memory, process: Enum) -> None:
        super().__init__(m, memory, process, False)
