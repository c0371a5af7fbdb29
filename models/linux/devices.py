"""Devices that keep a snapshot of DMA addresses: an RDMA HCA without on-demand paging, VFIO. kernel-mm sections 2.5, 5.

| kernel | here | abstracted away |
|---|---|---|
| MR, IOMMU mapping | the frames that GUP returned; nothing changes them until they are released | |
| D2 DMA write | one write to each page, low half, then high half, each a step | when it starts: a peer may send as soon as the region is known |
| D3 completion | one step | |
| dereg, U4 | one step, after the completion: the driver releases pages only when the device is quiet | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step, var
from explorer.language.picture import Arrow, Box
from explorer.models.linux.anon import AnonMemory, DmaMapping, Half, Process, Value, Writer, frame_box, maps
from explorer.models.linux.gup import UserPages


class DeviceKind(Enum):
    """HCA: an RDMA memory region. VFIO: an IOMMU mapping, whose pinning has no fast path."""

    HCA = "hca"
    VFIO = "vfio"


class Device(DmaMapping):
    """A device that writes through a snapshot of DMA addresses.

    `pages`: what GUP gave it, of the memory of ``pages.process``. `posted`: somebody asked for the DMA.
    """

    def __init__(self, m: Model, mm: AnonMemory, kind: DeviceKind, pages: UserPages, *, posted: bool = True) -> None:
        super().__init__(m, "device")
        self.mm, self.kind, self.pages = mm, kind, pages
        self.programmed = var(bool, False)
        self.posted = var(bool, posted)
        self.completed = var(bool, False)

    async def register(self, fast: bool) -> None:
        """Pins the pages and programs their addresses."""
        if self.kind is DeviceKind.VFIO:
            await self.vaddr_get_pfns()
        else:
            await self.ib_umem_get(fast)
        self.programmed = True

    async def ib_umem_get(self, fast: bool) -> None:
        """drivers/infiniband/core/umem.c:ib_umem_get()"""
        await self.pages.pin(fast)

    async def vaddr_get_pfns(self) -> None:
        """drivers/vfio/vfio_iommu_type1.c:vaddr_get_pfns(): pin_user_pages_remote(), always the slow path."""
        await self.pages.pin(False)

    async def dma_write(self) -> None:
        """The device writes every page of the region and reports completion."""
        for page in self.mm.pages:
            for half in Half:
                await step(f"DMA write, {half.value} half of page {page}", when=lambda: self.programmed and self.posted)
                frame = self.pages.frame[page]
                assert frame is not None, "the device is programmed with a page it does not have"
                self.mm.write_data(frame, half, Value.DEVICE, Writer.DEVICE)
                self.mm.last_writer[page, half] = Writer.DEVICE
        await step("completion")
        self.completed = True

    async def unregister(self) -> None:
        """drivers/infiniband/core/umem.c:ib_umem_release(): the user has seen the completion."""
        await step("unpin_user_pages", when=lambda: self.completed, voluntary=True)
        self.programmed = False
        self.pages.unpin_user_pages(len(self.mm.pages))

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        name = self.kind.value
        if not self.programmed:
            return Box(name, name.upper(), ("nothing programmed",), "mapper"), ()
        arrows = []
        for page in self.mm.pages:
            frame, entry = self.pages.frame[page], self.mm.pte[self.pages.process, page]
            if frame is not None:
                strayed = entry is not None and not maps(entry, frame)
                arrows.append(Arrow(name, frame_box(frame), self.mm.said(page, "DMA"), alarm=strayed))
        rows = ("completed",) if self.completed else ()
        return Box(name, name.upper(), rows, "mapper"), tuple(arrows)
