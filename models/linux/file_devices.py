"""The device of a model of files, as a design has it: with a memory region, with one direct I/O, or with on-demand paging."""

from __future__ import annotations

from explorer.language import Model, step, var
from explorer.models.linux.designs import Design, Translation
from explorer.models.linux.direct_io import File
from explorer.models.linux.file_direct_io import DirectRead
from explorer.models.linux.mapped_file import (
    FileDevice,
    FileDma,
    Process,
    SetPageDirty,
    UserUnpins,
    Value,
    Writer,
    region,
)
from explorer.models.linux.memory import Frame
from explorer.models.linux.odp import OdpWriter
from explorer.models.linux.page_cache import PageCache


class OdpRegion(OdpWriter, FileDma):
    """A memory region with on-demand paging on a mapping of a file: nothing is pinned, and each write may fault."""

    def __init__(self, m: Model, cache: PageCache) -> None:
        super().__init__(m, cache.memory, Process.USER, Value.DEVICE, Writer.DEVICE)
        self.name = "odp"
        self.programmed = var(bool, False)

    async def register(self, fast: bool) -> None:
        """drivers/infiniband/core/umem_odp.c:ib_umem_odp_get(): whether `fast` is asked makes no difference."""
        await step("ib_umem_odp_get")
        self.programmed = True

    async def unregister(self) -> None:
        """drivers/infiniband/core/umem_odp.c:ib_umem_odp_release(): by a user who has seen the completion."""
        await step("ib_umem_odp_release", when=lambda: self.completed, voluntary=True)
        self.programmed = False
        for page in self.memory.pages:
            frame = self.translation[page]
            if frame is not None and self.memory.kernel.odp_dirty:  # ablation
                self.memory.cache.set_page_dirty(frame)
            self.translation[page] = None

    async def dma_write(self) -> None:
        """The device writes every page of the region and reports completion."""
        await step("post", when=lambda: self.programmed, may_wait=True)
        await self.dma()

    def reaches(self, frame: Frame) -> bool:
        return any(self.translation[page] == frame or self.in_flight[page] == frame for page in self.memory.pages)


def device_of(
    m: Model,
    cache: PageCache,
    design: Design,
    dirties: SetPageDirty,
    unpins: UserUnpins = UserUnpins.PERHAPS,
) -> FileDevice | OdpRegion:
    """The device of the design. `dirties`, `unpins`: of its driver and its user, if pages are pinned for long."""
    match design.translation:
        case Translation.SHORT:
            return DirectRead(m, cache, File.BLOCK)
        case Translation.ODP:
            return OdpRegion(m, cache)
        case Translation.PINNED:
            return FileDevice(m, cache, region(m, cache.memory), dirties, unpins=unpins)
