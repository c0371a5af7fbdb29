"""The page cache: pages of files in memory and on disk, which VMAs map them, and what a filesystem keeps for them.

A file page is a number: the pages of all files, one file after the other. `Filesystem` says what becoming dirty takes.

| kernel | here | abstracted away |
|---|---|---|
| address_space.i_pages, page->mapping | one array; a page that left its file keeps page->index | |
| page->private: buffers, a reservation, a new extent | one bit, `prepared` | which of its blocks |
| i_size, blocks | in pages; a block for each file page | block numbers, extents, the journal |
| disk | what a read would give; what was summed of it | write cache, flushes |
| page lock, invalidate_lock, inode lock | one bit or count each | |
| _PAGE_DIRTY in entries of files | one bit | young bits |
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from explorer.language import Array, Model, Part, Range, array, choose, ghost, optional, pairs, replace, var
from explorer.models.linux.designs import Design, WritebackOfPinned
from explorer.models.linux.errno import Errno
from explorer.models.linux.features import FileMappings
from explorer.models.linux.memory import Frame, Memory, MigrationEntry, Pte, SwapEntry, maps, pte_present
from explorer.models.linux.rules.file import Ext4NoBuffers
from explorer.models.linux.shape import Files, FileVmas

NO_DESIGN = Design()


class Filesystem(Enum):
    """What a clean page needs before it may become dirty, and how it loses that.

    COW: a new extent (btrfs, reflink); every cleaning takes it away. DELALLOC: a reservation or a block, which stays (xfs).
    EXT4: buffers, which stay until reclaim drops them. TMPFS: nothing, and nothing is written back. DAX: the page is the
    block.
    """

    COW = "cow"
    DELALLOC = "delalloc"
    EXT4 = "ext4"
    TMPFS = "tmpfs"
    DAX = "dax"


NAMED = {
    "btrfs": Filesystem.COW,
    "xfs": Filesystem.DELALLOC,
    "ext4": Filesystem.EXT4,
    "tmpfs": Filesystem.TMPFS,
    "dax": Filesystem.DAX,
}


class PageCache(Part, FileMappings):
    """Files, of which a memory maps pages. `files`, `vmas`: see `shape`; the frames in `files.cached` were given to the memory as
    `cached` too.

    `stable_writes`: the device needs stable pages and sums them. `page_mkwrite`: filesystems have it. `design`: what is done
    about pins; with `fsync_lies`, fsync() does not wait for what writeback left dirty.

    Ghosts: `newest`, what was last written to a file page in memory; `unnotified`, a page was written to or became dirty
    without ->page_mkwrite(); `unprepared`, writeback met a dirty page that the filesystem had not prepared; `overwritten`,
    a committed extent was written to; `trespassed`, a page was changed though nobody maps it shared.
    """

    def __init__(
        self,
        m: Model,
        memory: Memory,
        files: Files,
        vmas: FileVmas,
        *,
        stable_writes: bool = False,
        page_mkwrite: bool = True,
        design: Design = NO_DESIGN,
        fsync_lies: bool = False,
    ) -> None:
        super().__init__(m, "cache")
        self.memory, self.kernel, self.design, self.fsync_lies = memory, memory.kernel, design, fsync_lies
        file_pages, holes, content = files.pages, files.holes, files.content
        self.files = type(file_pages[0])
        self.file_pages = Range(0, len(file_pages) - 1)
        self.file_of = file_pages
        self.number_in_file = tuple(file_pages[:i].count(file) for i, file in enumerate(file_pages))
        kinds = tuple(files.filesystem(file) for file in file_pages)
        self.cow = tuple(kind is Filesystem.COW for kind in kinds)
        self.buffers = tuple(kind is Filesystem.EXT4 for kind in kinds)
        self.dax = tuple(kind is Filesystem.DAX for kind in kinds)
        self.written_back = tuple(kind not in (Filesystem.TMPFS, Filesystem.DAX) for kind in kinds)
        self.mkwrite = tuple(page_mkwrite and kind is not Filesystem.TMPFS for kind in kinds)
        self.notified = tuple(
            (page_mkwrite or memory.kernel.mkclean_wrprotect)  # ablation
            and kind is not Filesystem.TMPFS
            for kind in kinds
        )
        self.stable_writes, self.limited = stable_writes, files.free_blocks is not None
        every = memory.frames.values()
        in_frame = {i: every[number] for i, number in enumerate(files.cached) if number is not None}
        at = {frame: i for i, frame in in_frame.items()}

        def ready(i: int) -> bool:
            return kinds[i] in (Filesystem.TMPFS, Filesystem.DAX) or (
                kinds[i] is Filesystem.DELALLOC and i not in holes
            )

        self.page: Array[int, Frame | None] = array(self.file_pages, optional(memory.frames), lambda i: in_frame.get(i))
        page, mm, task = memory.page, memory.mm, memory.task
        page.index = array(memory.frames, optional(self.file_pages), lambda f: at.get(f))
        page.dirty = array(memory.frames, bool, lambda f: False)
        page.writeback = array(memory.frames, bool, lambda f: False)
        page.prepared = array(memory.frames, bool, lambda f: f in at and ready(at[f]))
        self.index, self.dirty, self.writeback, self.prepared = page.index, page.dirty, page.writeback, page.prepared
        self.locked = array(memory.frames, bool, lambda f: False)
        self.size = array(self.files, Range(0, len(file_pages)), lambda file: file_pages.count(file))
        self.has_block = array(self.file_pages, bool, lambda i: i not in holes)
        self.free_blocks = var(Range(0, files.free_blocks or 0), files.free_blocks or 0)
        self.disk: Array[tuple[int, Enum], Enum] = array(
            pairs(self.file_pages, memory.bytes), memory.values, lambda key: content(*key)
        )
        if stable_writes:
            self.sum: Array[tuple[int, Enum], Enum] = array(
                pairs(self.file_pages, memory.bytes), memory.values, lambda key: content(*key)
            )
        self.inode_locked = array(self.files, bool, lambda file: False)
        self.invalidating = array(self.files, bool, lambda file: False)
        self.invalidate_readers = array(self.files, Range(0, 2 * memory.most_faults), lambda file: 0)
        self.remaps = vmas.remaps
        self.mappings = {
            (p, n): (vmas.vm_page(p, n), vmas.shared(p, n)) for p in memory.processes for n in memory.pages
        }
        if vmas.remaps:
            each = pairs(memory.processes, memory.pages)
            mm.vm_page = array(each, optional(self.file_pages), lambda key: vmas.vm_page(*key))
            mm.vm_shared = array(each, bool, lambda key: vmas.shared(*key))
            self.vm_page, self.vm_shared = mm.vm_page, mm.vm_shared
        task.sigbus = array(memory.processes, bool, lambda process: False)
        self.sigbus = task.sigbus
        self.newest: Array[tuple[int, Enum], Enum] = ghost(
            array(pairs(self.file_pages, memory.bytes), memory.values, lambda key: content(*key))
        )
        self.unnotified = ghost(var(bool, False))
        self.unprepared = ghost(var(bool, False))
        self.overwritten = ghost(var(bool, False))
        self.trespassed = ghost(var(bool, False))
        memory.cache = self
        memory.entries_may_be(bits=("dirty",))

    # ------------------------------------------------------------ what is where

    def maps_files(self) -> bool:
        return True

    def is_file_page(self, frame: Frame) -> bool:
        return self.index[frame] is not None

    def is_dax(self, i: int) -> bool:
        return self.dax[i]

    def force_sigbus(self, process: Enum) -> None:
        """arch/x86/mm/fault.c:do_sigbus()"""
        self.sigbus[process] = True

    def got_sigbus(self, process: Enum) -> bool:
        return self.sigbus[process]

    def in_file(self, frame: Frame) -> bool:
        """include/linux/mm.h:page_mapping(): the page has not left its file, nor is it anonymous."""
        return any(self.page[i] == frame for i in self.file_pages)

    def in_use(self, i: int) -> bool:
        """fs/dax.c:dax_page_is_idle(): somebody else than the page cache has the page."""
        frame = self.page[i]
        return frame is not None and self.memory.page_count(frame) > 1

    def orphan(self, frame: Frame) -> bool:
        """The page was a file's, which was truncated."""
        return self.index[frame] is not None and not self.in_file(frame)

    def pages_of(self, file: Enum) -> int:
        """How many pages the file can have."""
        return sum(self.file_of[i] is file for i in self.file_pages)

    def beyond_eof(self, i: int) -> bool:
        return any(i == j and self.number_in_file[j] >= self.size[self.file_of[j]] for j in self.file_pages)

    def being_truncated(self, i: int) -> bool:
        """Truncate of the file holds invalidate_lock."""
        return any(i == j and self.invalidating[self.file_of[j]] for j in self.file_pages)

    def readers(self, i: int, change: int) -> None:
        """include/linux/fs.h:filemap_invalidate_lock_shared(), or the unlock: of the file of the page."""
        for file in self.files:
            mine = any(i == j and self.file_of[j] is file for j in self.file_pages)
            self.invalidate_readers[file] += change if mine else 0

    def file_page(self, process: Enum, page: int) -> int | None:
        """The file page that the process's VMA maps at the page."""
        if self.remaps:
            return self.vm_page[process, page]
        i, _ = self.mappings[process, page]
        return i

    def is_shared(self, process: Enum, page: int) -> bool:
        """The process's VMA has VM_SHARED."""
        if self.remaps:
            return self.vm_shared[process, page]
        _, shared = self.mappings[process, page]
        return shared

    def shares(self, process: Enum, page: int) -> bool:
        """The page is a shared mapping of a file."""
        return self.file_page(process, page) is not None and self.is_shared(process, page)

    def read(self, i: int, byte: Enum) -> Enum:
        """What read() of the file would give, or a fault."""
        frame = self.page[i]
        return self.disk[i, byte] if frame is None else self.memory.data[frame, byte]

    def on_disk(self, i: int, byte: Enum) -> Enum:
        """What reading the file's block would give."""
        return self.read(i, byte) if self.dax[i] else self.disk[i, byte]

    def holds(self, process: Enum, page: int, byte: Enum, value: Enum | None) -> bool:
        """A fault on an absent entry of a mapping of a file would bring the value."""
        i = self.file_page(process, page)
        return i is not None and self.read(i, byte) == value

    def marks(self, frame: Frame) -> list[str]:
        """What a picture says of the frame."""
        i = self.index[frame]
        if i is None:
            return []
        if self.page[i] != frame:
            return ["orphan"]
        kept = ("dirty", self.dirty[frame]), ("under writeback", self.writeback[frame]), ("locked", self.locked[frame])
        rows = [f"{self.file_of[i].value}, page {self.number_in_file[i]}"]
        rows += ["prepared" if self.prepared[frame] else "not prepared"] if self.written_back[i] else []
        return rows + [word for word, set_ in kept if set_]

    # ------------------------------------------------------------ page lock

    def lockable(self, i: int) -> bool:
        """No page is there, or its lock is free."""
        frame = self.page[i]
        return frame is None or not self.locked[frame]

    def settled(self, i: int) -> bool:
        """No page is there, or it is neither locked nor under writeback."""
        frame = self.page[i]
        return frame is None or not (self.locked[frame] or self.writeback[frame])

    def at_rest(self, i: int) -> bool:
        """No page is there, or it is clean, also its entries, and only the page cache and mappings have it."""
        frame = self.page[i]
        if frame is None:
            return True
        memory = self.memory
        dirty = any(self.maps_dirty(p, page, frame) for p in memory.processes for page in memory.pages)
        busy = self.dirty[frame] or self.writeback[frame] or self.locked[frame] or dirty
        return not busy and memory.refcount[frame] == memory.mapcount[frame] + 1

    def on_disk_as_in_memory(self, i: int, byte: Enum) -> bool:
        """The page, if it is there, holds what the disk holds."""
        frame = self.page[i]
        return frame is None or self.memory.data[frame, byte] == self.disk[i, byte]

    def dirty_at(self, i: int) -> bool:
        """The file page is in memory and dirty."""
        frame = self.page[i]
        return frame is not None and self.dirty[frame]

    def under_writeback(self, i: int) -> bool:
        frame = self.page[i]
        return frame is not None and self.writeback[frame]

    # ------------------------------------------------------------ into the page cache and out of it

    def add_to_page_cache(self, i: int) -> Frame:
        """mm/filemap.c:add_to_page_cache_lru(): a new page, read from disk; the page cache has a reference of it."""
        new = choose(f for f in self.memory.frames if self.memory.refcount[f] == 0)
        self.memory.refcount[new] = 1
        self.page[i] = new
        self.index[new] = i
        for byte in self.memory.bytes:
            self.memory.data[new, byte] = self.disk[i, byte]
        ready = any(i == j and self.keeps_prepared(j) and self.has_block[j] for j in self.file_pages)
        self.prepared[new] = ready
        return new

    def always_prepared(self, i: int) -> bool:
        """The page needs nothing of the filesystem's."""
        return not self.written_back[i]

    def keeps_prepared(self, i: int) -> bool:
        """A page that has a block needs nothing else."""
        return not self.cow[i] and not self.buffers[i]

    def delete_from_page_cache(self, i: int, frame: Frame) -> None:
        """mm/filemap.c:delete_from_page_cache(): with the page cache's reference; page->index stays."""
        self.page[i] = None
        self.dirty[frame] = False
        self.prepared[frame] = False
        self.memory.put_page(frame)

    def released(self, frame: Frame, freed: bool) -> None:
        """A reference was dropped; the last takes with it what is kept of the page."""
        self.index[frame] = None if freed else self.index[frame]
        self.dirty[frame] = not freed and self.dirty[frame]
        self.prepared[frame] = not freed and self.prepared[frame]

    # ------------------------------------------------------------ dirty

    def prepare(self, i: int, frame: Frame) -> bool:
        """What ->page_mkwrite() does: prepare the page, mark it dirty. False: there is no space for its block."""
        new = not self.prepared[frame] if self.cow[i] else not self.has_block[i]
        granted = self.take_block(i, new)
        self.prepared[frame] = self.prepared[frame] or granted
        self.dirty[frame] = self.dirty[frame] or granted
        return granted

    def take_block(self, i: int, new: bool) -> bool:
        """A block for the file page, if it needs a new one. False: there is none."""
        granted = not (new and self.limited and self.free_blocks == 0)
        self.free_blocks -= 1 if new and self.limited and granted else 0
        self.has_block[i] = self.has_block[i] or granted
        return granted

    def set_page_dirty(self, frame: Frame) -> None:
        """mm/page-writeback.c:__set_page_dirty_nobuffers(): of no effect on a page that has left its file."""
        inside = self.in_file(frame)
        if not self.kernel.dirty_mapping_check:  # ablation; it is tagged in the file's tree wherever it was
            for i in self.file_pages:
                back = self.index[frame] == i and self.page[i] is None
                self.page[i] = frame if back else self.page[i]
                self.memory.refcount[frame] += 1 if back else 0
                inside = inside or back
        tracked = any(self.page[i] == frame and self.written_back[i] for i in self.file_pages)
        self.unnotified = (tracked and not self.dirty[frame]) or self.unnotified
        self.dirty[frame] = self.dirty[frame] or inside

    def written(self, frame: Frame, byte: Enum, value: Enum) -> None:
        """A byte of the page was written, by a store or by DMA."""
        for i in self.file_pages:
            here = self.page[i] == frame
            self.newest[i, byte] = value if here else self.newest[i, byte]
            ready = self.prepared[frame] and self.dirty[frame]
            self.unnotified = (here and self.written_back[i] and not ready) or self.unnotified
            allowed = any(
                self.file_page(p, page) == i and self.is_shared(p, page)
                for p in self.memory.processes
                for page in self.memory.pages
            )
            self.trespassed = (here and not allowed) or self.trespassed

    def stored(self, process: Enum, page: int) -> None:
        """The hardware marks the entry dirty that a store goes through."""
        entry = self.memory.pte[process, page]
        if pte_present(entry) and self.index[entry.frame] is not None:
            self.memory.set_pte_at(process, page, replace(entry, dirty=True))

    def zap(self, entry: Pte) -> None:
        """mm/memory.c:zap_pte_range(): what a removed entry says of dirtiness goes to the page."""
        if entry.dirty and self.kernel.zap_keeps_dirty:  # ablation
            self.set_page_dirty(entry.frame)

    # ------------------------------------------------------------ writeback

    def clear_page_dirty(self, i: int, frame: Frame) -> bool:
        """mm/page-writeback.c:clear_page_dirty_for_io(): the page was prepared. Cleaning may take that away."""
        self.meets(frame)
        ready = self.prepared[frame]
        self.dirty[frame] = False
        self.prepared[frame] = ready and not self.cow[i]
        return ready

    def meets(self, frame: Frame) -> None:
        """Writeback takes the page."""
        self.unprepared = (self.dirty[frame] and not self.prepared[frame]) or self.unprepared

    def start_writeback(self, i: int, frame: Frame, ready: bool) -> bool:
        """The filesystem's ->writepage(): False: the page is not written, and what it holds is not on disk."""
        if self.beyond_eof(i):
            return False
        if self.buffers[i] and not self.prepared[frame]:
            assert self.kernel.ext4_no_buffers != Ext4NoBuffers.BUG, "kernel BUG in ext4_writepage(): page_buffers()"
            return False
        had_block = self.has_block[i]
        extended = self.take_block(i, not had_block)
        if not extended:
            return False
        self.overwritten = (self.cow[i] and had_block and not ready) or self.overwritten
        self.writeback[frame] = True
        return True

    def left_dirty(self, i: int) -> bool:
        """Writeback of the page by this design waits for an unpin, unless fsync does not."""
        frame = self.page[i]
        if self.design.writeback != WritebackOfPinned.SKIPS or self.fsync_lies:
            return False
        return frame is not None and self.dirty[frame] and self.memory.page_maybe_dma_pinned(frame)

    # ------------------------------------------------------------ VMAs

    def mmap(self, process: Enum, page: int, i: int | None, shared: bool) -> None:
        """mm/mmap.c:mmap_region(): the caller holds mmap_lock, and nothing is mapped at the page."""
        self.vm_page[process, page] = i
        self.vm_shared[process, page] = shared

    def dup_vma(self, parent: Enum, child: Enum, page: int) -> None:
        """kernel/fork.c:dup_mmap(): the child's VMA maps the same file."""
        self.vm_page[child, page] = self.vm_page[parent, page]
        self.vm_shared[child, page] = self.vm_shared[parent, page]

    def copy_vma(self, process: Enum, old: int, new: int) -> None:
        """mm/mmap.c:copy_vma(): the new VMA maps what the old one maps."""
        assert self.remaps, "mremap() changes what is mapped: PageCache(..., remaps=True)"
        self.vm_page[process, new] = self.vm_page[process, old]
        self.vm_shared[process, new] = self.vm_shared[process, old]

    def maps_file_page(self, process: Enum, page: int, frame: Frame) -> bool:
        """The process maps the frame there."""
        return maps(self.memory.pte[process, page], frame)

    def maps_dirty(self, process: Enum, page: int, frame: Frame) -> bool:
        """The same, and the entry is dirty."""
        entry = self.memory.pte[process, page]
        return pte_present(entry) and entry.frame == frame and entry.dirty

    def maps_shared(self, process: Enum, page: int, frame: Frame) -> bool:
        """The same, with MAP_SHARED: an entry that can be dirty."""
        return self.is_shared(process, page) and maps(self.memory.pte[process, page], frame)

    def maps_as_shared(self, process: Enum, frame: Frame) -> bool:
        """The process has the frame in a shared mapping."""
        return any(self.maps_shared(process, page, frame) for page in self.memory.pages)

    def maps_range(self, process: Enum, page: int, i: int, even_cows: bool) -> bool:
        """The process has an entry where it maps the file page; without `even_cows`, one of the file's own page."""
        entry = self.memory.pte[process, page]
        if self.file_page(process, page) != i:
            return False
        match entry:
            case Pte():
                return even_cows or self.index[entry.frame] is not None
            case SwapEntry() | MigrationEntry():
                return even_cows
            case None:
                return False
            case _:
                assert_never(entry)

    # ------------------------------------------------------------ pins

    def refuses_pin(self, process: Enum, page: int, write: bool, longterm: bool, pin: bool) -> Errno:
        """mm/gup.c:check_vma_flags(): of a long-term pin; one of DAX, or a write to a shared mapping that is notified."""
        i = self.file_page(process, page)
        if i is None or not longterm:
            return Errno.OK
        if self.dax[i]:
            return Errno.EOPNOTSUPP if self.kernel.refuse_longterm_dax else Errno.OK  # ablation
        dirtying = write and pin and self.is_shared(process, page) and self.notified[i]
        return Errno.EFAULT if self.kernel.refuse_longterm and dirtying else Errno.OK

    def fast_pin_allowed(self, frame: Frame, write: bool, longterm: bool, pin: bool) -> bool:
        """mm/gup.c:folio_fast_pin_allowed(): off: GUP-fast takes every page."""
        if self.kernel.gup_fast_needs_mapping and self.orphan(frame):
            return False
        dax = any(self.page[i] == frame and self.dax[i] for i in self.file_pages)
        if longterm and dax and self.kernel.refuse_longterm_dax:  # ablation
            return False
        tracked = self.orphan(frame) or any(self.page[i] == frame and self.notified[i] for i in self.file_pages)
        return not (self.kernel.folio_fast_pin_allowed and longterm and write and pin and tracked)


def page_cache_of(memory: Memory) -> PageCache:
    """The page cache of a memory that maps files."""
    assert isinstance(memory.cache, PageCache), "no file is mapped without PageCache(m, memory, ...)"
    return memory.cache
