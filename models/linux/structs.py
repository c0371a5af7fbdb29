"""What the kernel keeps of each process and of each page frame: struct mm_struct, struct task_struct, struct page.

Each is a part, so that a trace names a variable as the kernel does: ``mm.has_pinned[parent]``, ``page.refcount[frame 0]``. A
`Memory` makes them and hands their arrays out: ``memory.has_pinned[process]``, ``memory.refcount[frame]``.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from explorer.language import Array, Model, Part, Range, Sort, array, pairs
from explorer.models.linux.shape import AtStart, Data, Limits, Tasks

if TYPE_CHECKING:
    from explorer.models.linux.memory import Entry, Frame


class MmStruct(Part):
    """struct mm_struct of each process, with its page table and its VMAs. `entry`: what is in the page table at the start."""

    tlb_flush_pending: Array[Enum, int]  # there with `DeferredFlushes`
    pte_locked: Array[tuple[Enum, int], bool]  # these two with `RmapWalkers`
    vm_mergeable: Array[tuple[Enum, int], bool]
    vm_page: Array[tuple[Enum, int], int | None]  # these two with `PageCache`: the file page, and VM_SHARED
    vm_shared: Array[tuple[Enum, int], bool]

    def __init__(
        self,
        m: Model,
        processes: type[Enum],
        pages: Sort[int],
        entries: Sort[Entry | None],
        entry: Callable[[Enum, int], Entry | None],
        start: AtStart,
    ) -> None:
        super().__init__(m, "mm")
        each = pairs(processes, pages)
        self.pte = array(each, entries, lambda key: entry(*key))
        self.vma = array(each, bool, lambda key: start.vma(*key))
        self.vm_write = array(each, bool, lambda key: not start.read_only)
        self.vm_dontcopy = array(each, bool, lambda key: False)
        self.vm_wipeonfork = array(each, bool, lambda key: False)
        self.has_pinned = array(processes, bool, lambda p: False)


class PageStruct(Part):
    """struct page of each page frame, and what is in the frame.

    `references`, `mappers`: how many a frame has at the start; `cached`: whether it is the page cache's. `entries`: the most
    that can map one.
    """

    ksm: Array[Frame, bool]  # with `RmapWalkers`
    index: Array[Frame, int | None]  # these with `PageCache`: the file page that it is, PG_dirty, PG_writeback
    dirty: Array[Frame, bool]
    writeback: Array[Frame, bool]
    prepared: Array[Frame, bool]  # ... and whether its filesystem is ready to write it out

    def __init__(
        self,
        m: Model,
        frames: Sort[Frame],
        data: Data,
        limits: Limits,
        *,
        entries: int,
        references: Callable[[Frame], int],
        mappers: Callable[[Frame], int],
        cached: Callable[[Frame], bool],
    ) -> None:
        super().__init__(m, "page")
        every, zero = frames.values(), next(iter(data.values))
        self.data = array(
            pairs(frames, data.bytes),
            data.values,
            lambda key: data.old(every.index(key[0]), key[1]) if mappers(key[0]) or cached(key[0]) else zero,
        )
        self.refcount = array(frames, Range(0, limits.references), references)
        self.mapcount = array(frames, Range(0, entries), mappers)
        self.pins = array(frames, Range(0, limits.pins), lambda f: 0)
        self.anon_exclusive = array(frames, bool, lambda f: mappers(f) == 1 and not cached(f))


class TaskStruct(Part):
    """struct task_struct of each process: who runs, and who was sent a signal."""

    sigbus: Array[Enum, bool]  # with `PageCache`

    def __init__(self, m: Model, tasks: Tasks) -> None:
        super().__init__(m, "task")
        self.sigsegv = array(tasks.processes, bool, lambda p: False)
        self.running = array(tasks.processes, bool, lambda p: p in tasks.running)
