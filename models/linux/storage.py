"""A file on DAX storage, where a page frame is a storage block; who owns the blocks; who maps the file.

| kernel | here | abstracted away |
|---|---|---|
| extents, free space | the owner of each block; the block of the file's one page | the journal, ranges, partial pages |
| i_size | truncated or not | |
| page_count() of a DAX page | the references above those of an idle page | which kernel counts from 0 or 1, or counts mappings |
| inode lock (IOLOCK), invalidate_lock (MMAPLOCK, i_mmap_sem) | a bit; readers and a writer | |
| dax_iomap_fault() | the lock; ->iomap_begin(); the entry, if there is a VMA | mmap_lock; the page table lock |
| zap_pte_range(), mmu notifiers | start, wait, the entry with the TLB flush and the end | |
| a file system's allocator | a free block for another file, at any time | |

Sources: Linux v4.19 to v6.8 (fs/dax.c, fs/xfs/xfs_file.c, fs/ext4/inode.c); commit 5fac7408d828.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Atom, Model, Part, Range, Scalarset, array, choose, ghost, optional, step, var
from explorer.language.picture import Arrow, Box, Picture
from explorer.models.linux.kernels import Kernel


class Block(Atom):
    """A block of storage. On DAX it is a page frame too."""


def block_box(block: Block) -> str:
    """The name of the block's box in a picture."""
    return repr(block).replace(" ", "")


class Owner(Enum):
    """Whom a block belongs to. ORPHAN: to no file any more, but it is not free yet."""

    FREE = "free"
    FILE = "the file"
    OTHER_FILE = "another file"
    ORPHAN = "orphan"


class Fs(Enum):
    """The filesystems with DAX whose truncate is known."""

    XFS = "xfs"
    EXT4 = "ext4"


class Storage(Part):
    """The blocks of a filesystem, and a file of one page. `dax`: without, pages are not blocks, and DMA hits no block.

    `stale` is history: a device wrote to a block that was free or another file's.
    """

    def __init__(self, m: Model, kernel: Kernel, *, fs: Fs, blocks: int = 2, dax: bool = True) -> None:
        super().__init__(m, "storage")
        self.kernel, self.fs, self.dax = kernel, fs, dax
        self.blocks = Scalarset(Block, blocks)
        first = self.blocks.first
        self.owner = array(self.blocks, Owner, lambda b: Owner.FILE if b == first else Owner.FREE)
        self.block: Block | None = var(optional(self.blocks), first)
        self.references = array(self.blocks, Range(0, 2), lambda b: 0)
        self.truncated = var(bool, False)
        self.inode_locked = var(bool, False)
        self.invalidating = var(bool, False)
        self.faulting = var(Range(0, 2), 0)
        self.stale = ghost(var(bool, False))
        self.users: tuple[FileUser, ...] = ()

    # ------------------------------------------------------------ blocks

    def allocate(self, owner: Owner) -> Block:
        new = choose(b for b in self.blocks if self.owner[b] == Owner.FREE)
        self.owner[new] = owner
        return new

    def full(self) -> bool:
        return not any(self.owner[b] == Owner.FREE for b in self.blocks)

    def leave_file(self, owner: Owner) -> None:
        """The file's block is no longer its own."""
        block = self.block
        assert block is not None, "a hole is freed"
        self.owner[block] = owner
        self.block = None

    def busy(self) -> bool:
        """fs/dax.c:dax_layout_busy_page(): somebody has a reference of the file's page."""
        block = self.block
        return block is not None and self.references[block] > 0

    def breaks_layouts(self) -> bool:
        """Truncate of the kernel waits for pages in use."""
        return self.kernel.xfs_break_layouts if self.fs is Fs.XFS else self.kernel.ext4_break_layouts

    def stray(self, block: Block) -> bool:
        """The block is nobody's or another file's."""
        return self.dax and self.owner[block] in (Owner.FREE, Owner.OTHER_FILE)

    def dma_write(self, block: Block) -> None:
        self.stale = self.stale or self.stray(block)

    async def grow_another_file(self) -> None:
        """Another file takes every block that it can get."""
        while True:
            await step("allocate a block", when=lambda: not self.full(), voluntary=True, may_wait=True)
            self.allocate(Owner.OTHER_FILE)

    def picture(self) -> Picture:
        """Whose the blocks are, who maps them, and where devices write."""
        file = ("truncated",) if self.truncated else ()
        boxes, arrows = [Box("file", "the file", file, "mapper")], []
        if self.block is not None:
            arrows.append(Arrow("file", block_box(self.block)))
        for part in self.part_model.parts.values():
            if isinstance(part, FileUser | Device):
                box, held_by = part.drawn()
                boxes.append(box)
                arrows.extend(held_by)
        for block in self.blocks:
            rows = (self.owner[block].value, f"references {self.references[block]}")
            boxes.append(Box(block_box(block), repr(block), rows, "memory"))
        return Picture(tuple(boxes), tuple(arrows))

    # ------------------------------------------------------------ locks

    async def inode_lock(self) -> None:
        """include/linux/fs.h:inode_lock()"""
        await step("inode_lock", when=lambda: not self.inode_locked, fairness="strong")
        self.inode_locked = True

    async def filemap_invalidate_lock(self) -> None:
        """include/linux/fs.h:filemap_invalidate_lock(): keeps faults out. Or XFS_MMAPLOCK_EXCL, or i_mmap_sem."""
        await step(
            "filemap_invalidate_lock",
            when=lambda: self.faulting == 0 or not self.kernel.truncate_invalidate_lock,  # ablation
            fairness="strong",
        )
        self.invalidating = True

    # ------------------------------------------------------------ faults and unmapping

    async def dax_iomap_fault(self, user: FileUser) -> bool:
        """fs/dax.c:dax_iomap_fault(): False: SIGBUS, there is no such page or no space for its block."""
        await step(
            "filemap_invalidate_lock_shared",
            when=lambda: not (self.invalidating and self.kernel.truncate_invalidate_lock),  # ablation
            fairness="strong",
        )
        self.faulting += 1
        await step("->iomap_begin")
        if self.truncated or (self.block is None and self.full()):
            self.faulting -= 1
            return False
        if self.block is None:
            self.block = self.allocate(Owner.FILE)
        found = self.block
        await step("vmf_insert_mixed")
        self.faulting -= 1
        if user.unmapped:
            return False
        user.pte = found
        return True

    async def unmap_mapping_range(self) -> None:
        """mm/memory.c:unmap_mapping_range()"""
        for user in self.users:
            await user.zap_pte_range()


class Device(Part):
    """Base of devices: what goes by a page table is told before an entry changes."""

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        """Its box, and its arrows to the boxes of blocks (`block_box`)."""
        raise NotImplementedError

    async def invalidate_range_start(self) -> None:
        """The entry is about to change."""

    def invalidate_range_end(self) -> None:
        """The entry has changed."""


class FileUser(Part):
    """A process that maps the file.

    `told`: it got a signal or an event because of truncate. `unmapped`: by munmap() or exit. `killed`: SIGKILL. `exited`:
    exit_mm() has run. `device_lost`: its device, or the machine, went down with an error. `notified`: who goes by its entry.
    """

    def __init__(self, m: Model, storage: Storage, name: str) -> None:
        super().__init__(m, name)
        self.storage, self.number = storage, len(storage.users) + 1
        self.pte: Block | None = var(optional(storage.blocks), storage.blocks.first)
        self.told = var(bool, False)
        self.unmapped = var(bool, False)
        self.killed = var(bool, False)
        self.exited = var(bool, False)
        self.device_lost = var(bool, False)
        self.notified: Device | None = None
        storage.users = (*storage.users, self)

    async def zap_pte_range(self) -> None:
        """mm/memory.c:zap_pte_range(): of the process's entry, with the flush, between the calls of notifiers."""
        if self.notified is not None:
            await self.notified.invalidate_range_start()
        await step("zap_pte_range")
        self.pte = None
        if self.notified is not None:
            self.notified.invalidate_range_end()

    async def exit_mm(self) -> None:
        """kernel/exit.c:exit_mm()"""
        await self.zap_pte_range()
        self.unmapped = True
        self.exited = True

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        said = [name for name in ("killed", "exited", "device_lost") if getattr(self, name)]
        box = Box(self.part_name, self.part_name, tuple(name.replace("_", " ") for name in said), "mapper")
        return box, () if self.pte is None else (Arrow(self.part_name, block_box(self.pte), "maps"),)
