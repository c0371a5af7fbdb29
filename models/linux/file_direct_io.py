"""Direct I/O whose buffer is a mapping of a file: a read from a device into pages of the page cache.

| kernel | here | abstracted away |
|---|---|---|
| bio_iov_iter_get_pages(), fuse_get_user_pages() | the steps of GUP-fast; FOLL_GET or FOLL_PIN by kernel | |
| bio_set_pages_dirty() | lock and mark each page: two steps, before the I/O; FUSE does not | |
| the transfer | the bytes, a step each, at any time | |
| bio_check_pages_dirty() | one step; a page that is clean again is marked by a worker: two steps | |
| fuse_release_user_pages() | lock and mark each page, release: three steps | |
"""

from __future__ import annotations

from explorer.language import Model, step
from explorer.models.linux.direct_io import DirectIoPages, File
from explorer.models.linux.mapped_file import FileDevice, Process, SetPageDirty
from explorer.models.linux.memory import Frame
from explorer.models.linux.page_cache import PageCache
from explorer.models.linux.writeback import set_page_dirty_lock


class DirectRead(FileDevice):
    """read(2) with O_DIRECT into the mapping; `file`: what is read from."""

    def __init__(self, m: Model, cache: PageCache, file: File) -> None:
        pages = DirectIoPages(m, cache.memory, Process.USER, file, write=True)
        super().__init__(m, cache, pages, SetPageDirty.ALWAYS, name="disk")
        self.file = file

    async def register(self, fast: bool) -> None:
        """block/bio.c:bio_iov_iter_get_pages(): GUP-fast whatever is asked; then bio_set_pages_dirty() and submit_bio()."""
        await self.pages.get_user_pages_fast()
        if self.cache.design.mkwrite_at_pin:
            for page in self.pages.pages:
                await self.mkwrite_at_pin(page)
        if self.file is File.BLOCK and self.cache.kernel.dio_dirty_first:  # ablation
            for page in self.pages.pages:
                frame = self.pages.frame[page]
                if frame is not None:
                    await set_page_dirty_lock(self.cache, frame)
        self.program()

    async def unregister(self) -> None:
        """block/bio.c:bio_check_pages_dirty(): in the interrupt of the completion."""
        await step("the I/O is complete", when=lambda: self.completed)
        self.programmed = False
        for page in self.pages.pages:
            self.translation[page] = None
            frame = self.pages.frame[page]
            assert frame is not None, "direct I/O releases a page that it does not have"
            await self.check_page_dirty(frame)
            await self.unpin_user_page(page, frame)

    async def check_page_dirty(self, frame: Frame) -> None:
        """block/bio.c:bio_check_pages_dirty(): a page that is no longer dirty is marked by bio_dirty_fn()."""
        clean = True
        if self.file is File.BLOCK:
            await step("bio_check_pages_dirty")
            clean = self.cache.kernel.dio_dirty_again and not self.cache.dirty[frame]  # ablation
        if clean:
            await set_page_dirty_lock(self.cache, frame)
