"""A process that maps a file, and a device that has the mapping as its buffer: what the models of files share.

| kernel | here | abstracted away |
|---|---|---|
| ib_umem_get(), io_uring and VFIO alike | the steps of GUP, FOLL_LONGTERM; a design may call ->page_mkwrite() | |
| DMA write | every page once, byte by byte, at any time | more than one in flight |
| completion | one step | |
| ib_umem_release() | when the device is quiet: of each page mark dirty, if at all; unpin | |
| set_page_dirty_lock() | lock the page; mark it: two steps | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Array, Model, Part, array, choose, ghost, optional, step, var
from explorer.language.picture import Arrow, Box
from explorer.models.linux.designs import Design, Question
from explorer.models.linux.filemap import Fault
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.memory import DmaMapping, Frame, Memory, frame_box, maps
from explorer.models.linux.one_process import Mapped, one_process, vmas_of
from explorer.models.linux.page_cache import Filesystem, PageCache
from explorer.models.linux.parent_child import Half
from explorer.models.linux.shape import Data, Files
from explorer.models.linux.writeback import fsync, set_page_dirty_lock


class Process(Enum):
    USER = "user"


class Cpu(Enum):
    """A CPU, named by the thread it runs."""

    USER = "user"
    THREAD2 = "thread2"


class File(Enum):
    FILE = "file"


class Value(Enum):
    """What a cell of data holds: who wrote it. OLD is what the file held before the run."""

    ZERO = "zero"
    OLD = "old"
    USER = "user"
    DEVICE = "device"


class Writer(Enum):
    USER = "user"
    DEVICE = "device"


class Fs(Enum):
    """The filesystems of the models, as `Filesystem` has them."""

    COW = "cow"
    DELALLOC = "delalloc"
    EXT4 = "ext4"


class SetPageDirty(Enum):
    """Whether a driver marks the pages dirty that it releases. EITHER: real drivers have done both."""

    EITHER = "either"
    NEVER = "never"
    ALWAYS = "always"


class UserUnpins(Enum):
    """Whether the user lets go of what is pinned. PERHAPS: may keep it for ever."""

    PERHAPS = "perhaps"
    EVENTUALLY = "eventually"


PAGES = (Mapped.SHARED,)


def mapped_file(
    m: Model,
    kernel: Kernel,
    fs: Fs,
    *,
    design: Design,
    frames: int = 2,
    stable_writes: bool = False,
    page_mkwrite: bool = True,
    fsync_lies: bool = False,
    holes: tuple[int, ...] = (),
    free_blocks: int | None = None,
) -> tuple[Memory, PageCache]:
    """The memory of one process with two threads, whose page is a shared mapping of a file of one page.

    The page is in the page cache and clean; nothing is mapped yet. What else there is, see `PageCache`.
    """
    data = Data(bytes=Half, values=Value, old=lambda number, half: Value.ZERO if holes else Value.OLD)
    memory = one_process(m, kernel, Process, Cpu, PAGES, data, frames=frames, cached=(0,))
    cache = PageCache(
        m,
        memory,
        Files(
            pages=(File.FILE,),
            filesystem=lambda file: Filesystem[fs.name],
            cached=(0,),
            content=data.old,
            holes=holes,
            free_blocks=free_blocks,
        ),
        vmas_of(PAGES, remaps=False),
        stable_writes=stable_writes,
        page_mkwrite=page_mkwrite,
        design=design,
        fsync_lies=fsync_lies,
    )
    return memory, cache


class FileDma(DmaMapping):
    """Base of devices that write to a mapping of a file."""

    def reaches(self, frame: Frame) -> bool:
        """DMA may go to the frame."""
        raise NotImplementedError


class FileDevice(FileDma):
    """A device whose memory region is a mapping of a file.

    `translation`: what it is programmed with. `dirties`: whether its driver marks pages dirty when it releases them.
    `unpins`: whether the user, who has seen the completion, is sure to let go.
    """

    def __init__(
        self,
        m: Model,
        cache: PageCache,
        pages: UserPages,
        dirties: SetPageDirty,
        *,
        name: str = "hca",
        unpins: UserUnpins = UserUnpins.PERHAPS,
    ) -> None:
        super().__init__(m, "device")
        self.memory, self.cache, self.pages, self.dirties = cache.memory, cache, pages, dirties
        self.name, self.unpins = name, unpins
        self.translation: Array[int, Frame | None] = array(
            pages.pages, optional(cache.memory.frames), lambda page: None
        )
        self.programmed = var(bool, False)
        self.completed = var(bool, False)

    async def register(self, fast: bool) -> None:
        """drivers/infiniband/core/umem.c:ib_umem_get(): pins the pages and programs their addresses, or none."""
        if fast:
            await self.pages.get_user_pages_fast()
        else:
            await self.pages.get_user_pages(self.pages.start)
        if self.cache.design.mkwrite_at_pin:
            for page in self.pages.pages:
                await self.mkwrite_at_pin(page)
        self.program()

    def program(self) -> None:
        """The device has the addresses, if GUP gave all pages."""
        self.programmed = all(self.pages.frame[page] is not None for page in self.pages.pages)
        for page in self.pages.pages:
            self.translation[page] = self.pages.frame[page]

    async def mkwrite_at_pin(self, page: int) -> None:
        """Of the designs that call ->page_mkwrite() for a page that is pinned, whatever its entry says."""
        frame = self.pages.frame[page]
        if frame is None:
            return
        i = self.cache.index[frame]
        assert i is not None
        fault = await self.memory.routines.do_page_mkwrite(self.cache, i, frame)
        if fault is Fault.DONE:
            self.cache.locked[frame] = False

    async def dma_write(self) -> None:
        """The device writes every page of the region and reports completion."""
        for page in self.pages.pages:
            for byte in self.memory.bytes:
                await step(f"DMA write, {byte.value}", when=lambda: self.programmed, may_wait=True)
                frame = self.translation[page]
                assert frame is not None, "the device is programmed with a page it does not have"
                self.memory.write_data(frame, byte, Value.DEVICE, Writer.DEVICE)
        await step("completion")
        self.completed = True

    async def unregister(self) -> None:
        """drivers/infiniband/core/umem.c:ib_umem_release(): by a user who has seen the completion."""
        drains = self.memory.kernel.drain_before_unpin  # ablation
        await step(
            "ib_dereg_mr",
            when=lambda: self.programmed and (self.completed or not drains),
            voluntary=self.unpins is UserUnpins.PERHAPS,
        )
        self.programmed = self.programmed and not drains
        await self.unpin_user_pages_dirty_lock()
        if not drains:
            await step("the device is quiet")
        self.programmed = False
        for page in self.pages.pages:
            self.translation[page] = None

    async def unpin_user_pages_dirty_lock(self) -> None:
        """mm/gup.c:unpin_user_pages_dirty_lock(), or what a driver does in its place."""
        marks = self.dirties is SetPageDirty.ALWAYS
        if self.dirties is SetPageDirty.EITHER:
            await step("the driver marks pages dirty or not")
            marks = choose((False, True))
        for page in self.pages.pages:
            frame = self.pages.frame[page]
            assert frame is not None, "the device releases a page that it does not have"
            if not self.memory.kernel.unpin_after_dirty:  # ablation
                await self.unpin_user_page(page, frame)
            if marks:
                await set_page_dirty_lock(self.cache, frame)
            if self.memory.kernel.unpin_after_dirty:  # ablation
                await self.unpin_user_page(page, frame)

    async def unpin_user_page(self, page: int, frame: Frame) -> None:
        """mm/gup.c:unpin_user_page()"""
        await step("unpin_user_page")
        self.pages.unpin_user_page(frame)
        self.pages.frame[page] = None

    def reaches(self, frame: Frame) -> bool:
        return self.programmed and any(self.translation[page] == frame for page in self.pages.pages)

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        title = self.name.upper() if self.name == "hca" else self.name
        if not self.programmed:
            return Box(self.name, title, ("nothing programmed",), "mapper"), ()
        arrows = []
        for page in self.pages.pages:
            frame, entry = self.translation[page], self.memory.pte[self.pages.process, page]
            if frame is not None:
                strayed = entry is not None and not maps(entry, frame)
                arrows.append(Arrow(self.name, frame_box(frame), self.memory.said(page, "DMA"), alarm=strayed))
        rows = ("completed",) if self.completed else ()
        return Box(self.name, title, rows, "mapper"), tuple(arrows)


class Fsync(Part):
    """A call of fsync(). `called`: it has not returned.

    Ghosts: `before`, what was last written to each byte when it was called; `false`, it returned although that is neither on
    disk nor written over.
    """

    def __init__(self, m: Model, cache: PageCache) -> None:
        super().__init__(m, "fsync")
        self.cache = cache
        self.called = var(bool, False)
        self.before = ghost(array(cache.memory.bytes, cache.memory.values, lambda byte: cache.memory.zero))
        self.false = ghost(var(bool, False))

    async def call(self) -> None:
        """fs/sync.c:do_fsync()"""
        await step("fsync", voluntary=True)
        self.called = True
        for byte in self.cache.memory.bytes:
            self.before[byte] = self.cache.newest[0, byte]
        await fsync(self.cache, File.FILE)
        self.called = False
        self.false = any(
            self.cache.newest[0, byte] == self.before[byte] and self.cache.disk[0, byte] != self.before[byte]
            for byte in self.cache.memory.bytes
        )


def region(m: Model, memory: Memory) -> UserPages:
    """The pages of a memory region on the mapping."""
    return UserPages(m, "region", memory, Process.USER, Gup.PIN, longterm=True, may_fail=True)


FILE_PROPERTIES = (
    "no_dirty_without_mkwrite",
    "prepared_at_writeback",
    "stable_writeback",
    "no_dirty_loss",
    "committed_extent_immutable",
    "ro_file_integrity",
    "no_stale_frame_dma",
    "pin_allowed",
    "writeback_progress",
    "fsync_durable",
)


def set_aside(m: Model, design: Design, question: Question, others: dict[str, str]) -> None:
    """Say why properties are not applicable: what the model does not ask, and all where the design does not touch it."""
    excuse = design.excuse(question)
    m.excludes = {name: excuse for name in FILE_PROPERTIES} if excuse else others
