"""Devices that keep a snapshot of DMA addresses: an RDMA HCA without on-demand paging, VFIO.

| kernel | here | abstracted away |
|---|---|---|
| memory region, IOMMU mapping | the frames GUP returned; fixed until they are released | how addresses are programmed |
| DMA write, DMA read | every page once, byte by byte, a step each, at any time | more than one in flight |
| completion | one step | |
| unregistering | one step, after the completion: a driver releases pages when the device is quiet | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step, var
from explorer.language.picture import Arrow, Box
from explorer.models.linux.gup import UserPages
from explorer.models.linux.memory import DmaMapping, Frame, Memory, frame_box, maps
from explorer.models.linux.rules.gup import GupRead


class DeviceKind(Enum):
    """HCA: an RDMA memory region. VFIO: an IOMMU mapping, whose pinning has no fast path."""

    HCA = "hca"
    VFIO = "vfio"


class ReadOnlyRegion(UserPages):
    """Pages of an RDMA region that the device may only read."""

    def must_write(self) -> bool:
        """drivers/infiniband/core/umem.c:ib_umem_get(): FOLL_WRITE | FOLL_FORCE, so that COW is broken first (to v6.1)."""
        return self.memory.kernel.umem_force or self.memory.kernel.gup_read == GupRead.BREAKS_COW


class Dma(Enum):
    """What a device does with memory."""

    WRITE = "write"
    READ = "read"


class DmaDevice(DmaMapping):
    """Base of devices that access memory of a `process`, until they have `completed`."""

    memory: Memory
    process: Enum
    completed: bool

    def transfer(self, page: int, byte: Enum, frame: Frame) -> None:
        """What the device does to the byte of its page, in the frame that it goes by."""
        raise NotImplementedError


class DmaWriter(DmaDevice):
    """One that writes. `value`: what. `writer`: itself, in history."""

    value: Enum
    writer: Enum

    def transfer(self, page: int, byte: Enum, frame: Frame) -> None:
        self.memory.write_data(frame, byte, self.value, self.writer)
        self.memory.history.page_written(page, byte, self.writer)


class DmaReader(DmaDevice):
    """One that reads."""

    def transfer(self, page: int, byte: Enum, frame: Frame) -> None:
        self.memory.history.device_read(self.process, page, byte, self.memory.data[frame, byte])


class SnapshotDevice(DmaDevice):
    """A device that goes by a snapshot of DMA addresses.

    `kind`: its value is the name in the picture. `pages`: what GUP gave it, of the memory of ``pages.process``. `bytes`:
    what it transfers of each page; none: all. `posted`: somebody asked for the DMA.
    """

    def __init__(
        self,
        m: Model,
        memory: Memory,
        kind: Enum,
        pages: UserPages,
        *,
        bytes: tuple[Enum, ...] = (),
        posted: bool = True,
    ) -> None:
        super().__init__(m, "device")
        self.memory, self.kind, self.pages, self.process = memory, kind, pages, pages.process
        self.bytes = bytes or tuple(memory.bytes)
        self.programmed = var(bool, False)
        self.posted = var(bool, posted)
        self.completed = var(bool, False)
        memory.devices = (*memory.devices, self)

    def has_pinned(self, frame: Frame) -> bool:
        """It goes by the frame, which it has as FOLL_PIN."""
        held = any(self.pages.frame[page] == frame for page in self.pages.pages)
        return self.programmed and self.pages.foll_pin() and held

    async def ib_umem_get(self, fast: bool) -> None:
        """drivers/infiniband/core/umem.c:ib_umem_get(): pins the pages and programs their addresses."""
        if fast:
            await self.pages.get_user_pages_fast()
        else:
            await self.pages.get_user_pages(0)
        self.programmed = True

    async def submit(self) -> None:
        """block/bio.c:bio_iov_iter_get_pages(): then submit_bio()."""
        await self.ib_umem_get(True)

    async def reap(self) -> None:
        """block/bio.c:bio_release_pages(): when the I/O is complete."""
        await self.unregister()

    async def vfio_pin_pages_remote(self) -> None:
        """drivers/vfio/vfio_iommu_type1.c:vfio_pin_pages_remote(): pin_user_pages_remote() has no fast path."""
        await self.pages.get_user_pages(0)
        self.programmed = True

    async def ib_umem_release(self) -> None:
        """drivers/infiniband/core/umem.c:ib_umem_release(): by a user who has seen the completion."""
        await self.unregister()

    async def vfio_unpin_pages_remote(self) -> None:
        """drivers/vfio/vfio_iommu_type1.c:vfio_unpin_pages_remote(): by a user who has seen the completion."""
        await self.unregister()

    async def unregister(self) -> None:
        """The device forgets the addresses, then the pages are released; a driver that does not drain does it later."""
        if self.memory.kernel.drain_before_unpin:  # ablation
            await step("unpin_user_pages", when=lambda: self.completed, voluntary=True)
            self.programmed = False
            self.pages.release_all()
        else:
            await step("unpin_user_pages, early", voluntary=True)
            for page in self.pages.pages:
                frame = self.pages.frame[page]
                assert frame is not None, "a page is released that GUP did not give"
                self.pages.unpin_user_page(frame)
            await step("the device is quiet", when=lambda: self.completed)
            self.programmed = False
            for page in self.pages.pages:
                self.pages.frame[page] = None

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        name = str(self.kind.value)
        if not self.programmed:
            return Box(name, name.upper(), ("nothing programmed",), "mapper"), ()
        arrows = []
        for page in self.pages.pages:
            frame, entry = self.pages.frame[page], self.memory.pte[self.pages.process, page]
            if frame is not None:
                strayed = entry is not None and not maps(entry, frame)
                arrows.append(Arrow(name, frame_box(frame), self.memory.said(page, "DMA"), alarm=strayed))
        rows = ("completed",) if self.completed else ()
        return Box(name, name.upper(), rows, "mapper"), tuple(arrows)


class Device(DmaWriter, SnapshotDevice):
    """A device that writes to memory. `value`: what it writes. `writer`: itself, in history."""

    def __init__(
        self,
        m: Model,
        memory: Memory,
        kind: Enum,
        pages: UserPages,
        value: Enum,
        writer: Enum,
        *,
        bytes: tuple[Enum, ...] = (),
        posted: bool = True,
    ) -> None:
        super().__init__(m, memory, kind, pages, bytes=bytes, posted=posted)
        self.value, self.writer = value, writer

    async def dma_write(self) -> None:
        """The device writes every page of the region and reports completion."""
        for page in self.pages.pages:
            for byte in self.bytes:
                await step(f"DMA write, {byte.value} of page {page}", when=lambda: self.programmed and self.posted)
                frame = self.pages.frame[page]
                assert frame is not None, "the device is programmed with a page it does not have"
                self.transfer(page, byte, frame)
        await step("completion")
        self.completed = True


class ReadingDevice(DmaReader, SnapshotDevice):
    """A device that reads memory."""

    async def dma_read(self) -> None:
        """The device reads every page of the region and reports completion."""
        for page in self.pages.pages:
            for byte in self.bytes:
                await step(f"DMA read, {byte.value} of page {page}", when=lambda: self.programmed and self.posted)
                frame = self.pages.frame[page]
                assert frame is not None, "the device is programmed with a page it does not have"
                self.transfer(page, byte, frame)
        await step("completion")
        self.completed = True
