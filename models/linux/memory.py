"""What the machine remembers of memory: page tables, TLBs, page frames with their counts, VMAs, swap, the page cache.

`pages` pages of user memory, at the same addresses in every process. What is shown of a frame is kept as the kernel keeps
it: ``refcount`` (every reference adds 1), ``pins`` (those of them that are FOLL_PIN; the kernel adds 1024 to the refcount
instead), ``mapcount`` and ``anon_exclusive`` apart from each other, since the kernels differ in which of them they read.

| kernel | here | abstracted away |
|---|---|---|
| page table lock | what it holds together is one step; fork's is split, under mmap_lock | waiting for it |
| TLB | one a CPU; an access fills it, the kernel's flushes empty it | eviction: a new walk finds the same or newer |
| put_page() of the last reference | resets the frame's data and marks | what a free page still holds |
| alloc_page() | any free frame | |
| pte_t | `Pte`, `SwapEntry`, `MigrationEntry` or None; those that nothing in the model makes take no place | |
| _PAGE_PROTNONE, _PAGE_UFFD_WP, _PAGE_DIRTY | bits of an entry, where something sets them | |
| dirty and young bits of anonymous pages | absent: every such page is dirty | |
| THP, hugetlb | absent | |
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeGuard, assert_never

from explorer.language import (
    Array,
    Atom,
    Model,
    Part,
    Range,
    Sort,
    array,
    choose,
    optional,
    pairs,
    record,
    replace,
    step,
    union,
    var,
    without,
)
from explorer.language.picture import Arrow, Box, Picture
from explorer.models.linux.background import Background, RmapWalkers
from explorer.models.linux.features import FileMappings, History, Swapping
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.locks import RwSem, SeqCount
from explorer.models.linux.pending import DeferredFlushes, NoDeferredFlushes
from explorer.models.linux.rules.cow import Fork, Reuse
from explorer.models.linux.shape import NOTHING_ELSE, USUAL, AtStart, Data, Features, Limits, Tasks
from explorer.models.linux.structs import MmStruct, PageStruct, TaskStruct

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from explorer.models.linux.routines import Routines


class Frame(Atom):
    """A page frame."""


class Slot(Atom):
    """A swap slot."""


@record
class Pte:
    """A present page table entry: pte_present(). `protnone`: a NUMA hint, which no access goes through. `uffd_wp`:
    userfaultfd protects it. `dirty`: kept of pages of files."""

    frame: Frame
    writable: bool
    protnone: bool = False
    uffd_wp: bool = False
    dirty: bool = False


@record
class SwapEntry:
    """The entry of a page that is not in memory. `exclusive`: pte_swp_exclusive(); `uffd_wp`: pte_swp_uffd_wp()."""

    slot: Slot
    exclusive: bool
    uffd_wp: bool = False


@record
class MigrationEntry:
    """The entry of a page that is being migrated: what it was. is_writable_migration_entry(),
    is_readable_exclusive_migration_entry(), pte_swp_uffd_wp()."""

    frame: Frame
    writable: bool
    exclusive: bool
    uffd_wp: bool = False


Entry = Pte | SwapEntry | MigrationEntry
BITS = ("protnone", "uffd_wp", "dirty")


@record
class Translation:
    """What a TLB holds of an entry."""

    frame: Frame
    writable: bool


def walks_to(entry: Entry | None, cached: Translation) -> bool:
    """A walk of the page table would give the TLB what it holds."""
    return pte_access_permitted(entry, False) and Translation(entry.frame, entry.writable) == cached


def entry_text(entry: Entry | None) -> str:
    """What the label of an arrow says of an entry."""
    match entry:
        case Pte():
            text = "writable" if entry.writable else "read-only"
            return (
                f"{text}, {'NUMA hint' if entry.protnone else 'userfaultfd'}"
                if entry.protnone or entry.uffd_wp
                else text
            )
        case SwapEntry():
            return f"swap {entry.slot}"
        case MigrationEntry():
            return "migration entry, writable" if entry.writable else "migration entry, read-only"
        case None:
            return "none"
        case _:
            assert_never(entry)


class Access(Enum):
    """What a fault is for. UNSHARE: to get a page of one's own to read (FAULT_FLAG_UNSHARE)."""

    READ = "read"
    WRITE = "write"
    UNSHARE = "unshare"


def pte_present(entry: Entry | None) -> TypeIs[Pte]:
    """include/linux/pgtable.h:pte_present(): also of a NUMA hint."""
    return isinstance(entry, Pte)


def is_migration_entry(entry: Entry | None) -> TypeIs[MigrationEntry]:
    """include/linux/swapops.h:is_migration_entry(): of pte_to_swp_entry()."""
    return isinstance(entry, MigrationEntry)


def maps(entry: Entry | Translation | None, frame: Frame) -> bool:
    """The entry is present and names the frame; or a TLB does."""
    return isinstance(entry, Pte | Translation) and entry.frame == frame


def maps_writable(entry: Entry | None, frame: Frame) -> bool:
    """The same, and the entry is writable: pte_write(), which a NUMA hint keeps."""
    return pte_present(entry) and entry.frame == frame and entry.writable


def pte_access_permitted(entry: Entry | None, write: bool) -> TypeGuard[Pte]:
    """include/linux/pgtable.h:pte_access_permitted(): present and no NUMA hint, and writable if that is asked."""
    return pte_present(entry) and not entry.protnone and (entry.writable or not write)


def tlb_hit(entry: Translation | None, write: bool) -> TypeGuard[Translation]:
    """The CPU goes by this TLB entry; for a store through a read-only one it walks the page table again."""
    return entry is not None and (entry.writable or not write)


def pte_same(entry: Entry | None, orig: Entry) -> bool:
    """include/linux/pgtable.h:pte_same()"""
    return entry == orig


def frame_of(entry: Entry | None) -> Frame | None:
    """The frame that the entry names: pte_page(), or pfn_swap_entry_to_page() of a migration entry."""
    match entry:
        case Pte() | MigrationEntry():
            return entry.frame
        case SwapEntry() | None:
            return None
        case _:
            assert_never(entry)


def change_nonpresent_pte(
    memory: Memory, process: Enum, page: int, entry: SwapEntry | MigrationEntry | None, uffd_wp: bool | None = None
) -> None:
    """mm/mprotect.c:change_pte_range(): an entry that is not present: "A protection check is difficult so just be safe and
    disable write". `uffd_wp`: what becomes of the bit, None: it stays."""
    match entry:
        case MigrationEntry():
            memory.set_pte_at(
                process, page, replace(entry, writable=False, uffd_wp=entry.uffd_wp if uffd_wp is None else uffd_wp)
            )
        case SwapEntry():
            memory.set_pte_at(process, page, replace(entry, uffd_wp=entry.uffd_wp if uffd_wp is None else uffd_wp))
        case None:
            pass
        case _:
            assert_never(entry)


def frame_box(frame: Frame) -> str:
    """The name of the frame's box in a picture."""
    return repr(frame).replace(" ", "")


class DmaMapping(Part):
    """Base of what holds translations of its own, so that the picture can show it beside the page tables."""

    def has_pinned(self, frame: Frame) -> bool:
        """It goes by the frame, which it has as FOLL_PIN."""
        return False

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        """Its box, and its arrows to the boxes of frames (`frame_box`)."""
        raise NotImplementedError


class Spliced(DmaMapping):
    """Base of what holds pages of a process for somebody to read later, as a pipe does."""

    def can_read(self, process: Enum, page: int, frame: Frame) -> bool:
        """It holds the frame as this page of the process."""
        raise NotImplementedError


class MmuNotifier(DmaMapping):
    """Base of what follows the page table of a process instead of holding references."""

    process: Enum

    async def invalidate_range_start(self, page: int) -> None:
        """The entry is about to change."""

    async def invalidate_range_end(self, page: int) -> None:
        """The entry has changed."""

    def invalidate_secondary_tlb(self, page: int) -> None:
        """The CPUs' TLBs are flushed."""


def the_kernels() -> Routines:
    """`routines.KERNEL`, which is made of functions of a memory."""
    from explorer.models.linux.routines import KERNEL

    return KERNEL


class Memory(Part):
    """Memory of some processes: `pages` pages in each, in `frames`. `tasks`, `data`, `start`, `limits`, `features`: see `shape`.

    `routines`: the kernel's (`routines.KERNEL`), or with some of them replaced.
    `stored_before`: what the bytes of the pages hold that a process maps at the start.
    """

    def __init__(
        self,
        m: Model,
        kernel: Kernel,
        *,
        frames: Sort[Frame],
        pages: int,
        tasks: Tasks,
        data: Data,
        start: AtStart,
        limits: Limits = USUAL,
        features: Features = NOTHING_ELSE,
        routines: Routines | None = None,
    ) -> None:
        super().__init__(m, "memory")
        self.kernel, self.routines = kernel, routines or the_kernels()
        processes, cpus, runs = tasks.processes, tasks.cpus, dict(tasks.runs)
        bytes, values = data.bytes, data.values
        background = features.background
        self.frames, self.pages = frames, Range(0, pages - 1)
        self.processes, self.cpus, self.runs = processes, tuple(runs), runs  # the CPUs that run a process
        self.most_faults = len(cpus)  # at once, also those of devices
        self.bytes, self.values, self.zero = bytes, values, next(iter(values))
        self.first_byte, *others = bytes
        self.other_bytes = tuple(others)
        self.has_zero_page, self.enough = features.zero_page, limits.enough
        self.moves = background and (pages > 1 if features.moves is None else features.moves)
        self.background = RmapWalkers() if background else Background()
        self.deferred = DeferredFlushes() if features.deferred else NoDeferredFlushes()
        self.history = History()
        self.swap = Swapping()
        self.cache = FileMappings()
        self.devices: tuple[DmaMapping, ...] = ()
        self.spliced: tuple[Spliced, ...] = ()
        self.notifiers: tuple[MmuNotifier, ...] = ()
        every = frames.values()
        mapped_at = {(p, page): start.frame(p, page) for p in processes for page in range(pages)}
        self.stored_before = {
            (p, (page, byte)): data.old(number, byte)
            for (p, page), number in mapped_at.items()
            if number is not None
            for byte in bytes
        }
        mappers = [sum(1 for i in mapped_at.values() if i == number) for number in range(len(every))]

        def entry(process: Enum, page: int) -> Pte | SwapEntry | None:
            number = mapped_at[process, page]
            if number is not None:
                return Pte(every[number], True)
            return self.swap.at_start(process, page)

        def cached_at_start(cpu: Enum, page: int) -> Translation | None:
            number = mapped_at[runs[cpu], page] if cpu in start.warm else None
            return None if number is None else Translation(every[number], True)

        def number(frame: Frame) -> int:
            return every.index(frame)

        def references_of(frame: Frame) -> int:
            return mappers[number(frame)] + start.cached.count(number(frame))

        self.kinds: tuple[type, ...] = (
            (Pte, MigrationEntry) if features.migrates or (background and features.migrates is None) else (Pte,)
        )
        self.bits: tuple[str, ...] = self.deferred.bits if features.bits is None else features.bits
        self.tlb: Array[tuple[Enum, int], Translation | None] = array(
            pairs(cpus, self.pages), optional(Translation), lambda key: cached_at_start(*key)
        )
        if features.zero_page:
            self.zero_page = var(frames, every[-1])
        self.mm = MmStruct(m, processes, self.pages, self.sort_of_entries(), entry, start)
        self.page = PageStruct(
            m,
            frames,
            data,
            limits,
            entries=len(processes) * (pages if background or start.cached else 1),
            references=lambda f: 1 if features.zero_page and f is every[-1] else references_of(f),
            mappers=lambda f: mappers[number(f)],
            cached=lambda f: number(f) in start.cached,
        )
        self.task = TaskStruct(m, tasks)
        self.background.declare(self)
        self.deferred.declare(self.mm, tasks)
        self.pte, self.vma, self.vm_write = self.mm.pte, self.mm.vma, self.mm.vm_write
        self.vm_dontcopy, self.vm_wipeonfork = self.mm.vm_dontcopy, self.mm.vm_wipeonfork
        self.has_pinned = self.mm.has_pinned
        self.data, self.refcount, self.mapcount = self.page.data, self.page.refcount, self.page.mapcount
        self.pins, self.anon_exclusive = self.page.pins, self.page.anon_exclusive
        self.sigsegv, self.running = self.task.sigsegv, self.task.running
        self.locks = {p: RwSem(m, f"{p.name.lower()}_mmap_lock", tasks.readers) for p in processes}
        self.sequences = {p: SeqCount(m, f"{p.name.lower()}_write_protect_seq", tasks.forks) for p in processes}

    def sort_of_entries(self) -> Sort[Entry | None]:
        """Of the kinds that something makes, with the bits that something sets."""
        every = {kind: [bit for bit in BITS if bit in kind.__annotations__] for kind in self.kinds}
        return optional(
            union(*(without(kind, *(b for b in bits if b not in self.bits)) for kind, bits in every.items()))
        )

    def entries_may_be(self, *, kinds: tuple[type, ...] = (), bits: tuple[str, ...] = ()) -> None:
        """A part says so that makes entries of more kinds, or sets more of their bits."""
        self.kinds, self.bits = (*self.kinds, *kinds), (*self.bits, *bits)
        self.mm.part_state["pte"].sort = self.sort_of_entries()

    def demand_paging(self) -> bool:
        """A page of a VMA may be absent, and a fault brings it. Without it every page has its entry from the start."""
        return self.has_zero_page or self.cache.maps_files() or self.background.at_work() or isinstance(self.swap, Part)

    # ------------------------------------------------------------ processes

    def process_of(self, cpu: Enum) -> Enum:
        """The process whose thread the CPU runs."""
        return self.runs[cpu]

    def mmap_lock(self, process: Enum) -> RwSem:
        """mm->mmap_lock"""
        return self.locks[process]

    # ------------------------------------------------------------ page table entries and their locks

    def pte_none(self, process: Enum, page: int) -> bool:
        """include/linux/pgtable.h:pte_none(): neither a page nor a swap or migration entry."""
        return self.pte[process, page] is None

    def set_pte_at(self, process: Enum, page: int, entry: Entry | None) -> None:
        """include/linux/pgtable.h:set_pte_at()"""
        self.pte[process, page] = entry

    def ptep_get_and_clear(self, process: Enum, page: int) -> Entry | None:
        """include/linux/pgtable.h:ptep_get_and_clear(): what there was, of whatever kind; TLBs still hold it."""
        entry = self.pte[process, page]
        self.pte[process, page] = None
        return entry

    def rmap_address(self, process: Enum, page: int, frame: Frame) -> int:
        """mm/rmap.c:page_address_in_vma(): where rmap finds the page, or its migration entry, in the process: where it was
        mapped first or, if it is not there, where mremap() has moved it. A KSM page has another address too, which is
        not visited: it stays mapped there."""
        found = page
        if self.moves:
            for other in self.pages:
                found = other if frame_of(self.pte[process, other]) == frame else found
            found = page if frame_of(self.pte[process, page]) == frame else found
        return found

    def rmap_unlocked(self, process: Enum, page: int, frame: Frame) -> bool:
        """The page table lock there can be had."""
        return self.pte_unlocked(process, self.rmap_address(process, page, frame))

    def move_vma(self, process: Enum, old: int, new: int) -> None:
        """mm/mremap.c:move_vma(): copy_vma(): there is a VMA with the flags of the old one. The old one is still there."""
        self.vma[process, new] = True
        self.vm_write[process, new] = self.vm_write[process, old]
        self.vm_dontcopy[process, new] = self.vm_dontcopy[process, old]
        self.vm_wipeonfork[process, new] = self.vm_wipeonfork[process, old]
        self.background.copy_mergeable(process, old, process, new)
        self.cache.copy_vma(process, old, new)

    # ------------------------------------------------------------ flushes that are put off

    def inc_tlb_flush_pending(self, process: Enum) -> None:
        """include/linux/mm_types.h:inc_tlb_flush_pending()"""
        self.mm.tlb_flush_pending[process] += 1

    def dec_tlb_flush_pending(self, process: Enum) -> None:
        """include/linux/mm_types.h:dec_tlb_flush_pending()"""
        self.mm.tlb_flush_pending[process] -= 1

    def mm_tlb_flush_pending(self, process: Enum) -> bool:
        """include/linux/mm_types.h:mm_tlb_flush_pending()"""
        return self.deferred.mm_tlb_flush_pending(process)

    def uffd_protects(self, process: Enum, page: int) -> bool:
        """include/linux/userfaultfd_k.h:userfaultfd_pte_wp()"""
        entry = self.pte[process, page]
        return entry is not None and entry.uffd_wp

    def pte_unlocked(self, process: Enum, page: int) -> bool:
        """Nobody is between two steps that hold the page table lock of this entry."""
        return self.background.pte_unlocked(process, page)

    def lock_pte(self, process: Enum, page: int) -> None:
        """include/linux/spinlock.h:spin_lock(): in the step that waited for `pte_unlocked`."""
        self.background.lock_pte(process, page)

    def unlock_pte(self, process: Enum, page: int) -> None:
        """include/linux/spinlock.h:spin_unlock()"""
        self.background.unlock_pte(process, page)

    def ptep_get_and_clear_locked(self, process: Enum, page: int) -> None:
        """The page table lock is held from here over the next step, and the entry is empty meanwhile. Who does so
        has to be said to be at work (`background`): without it there is no such lock."""
        self.mm.pte_locked[process, page] = True
        self.ptep_get_and_clear(process, page)

    def put_back_if_pinned(self, process: Enum, page: int, frame: Frame, orig: Pte) -> bool:
        """What try_to_unmap_one() and try_to_migrate_one() do of a page that may be pinned: the entry that they have cleared is
        back. The page table lock is released."""
        self.unlock_pte(process, page)
        if not self.page_try_share_anon_rmap(frame):
            self.set_pte_at(process, page, orig)
            return True
        return False

    def write_protect_seq(self, process: Enum) -> SeqCount:
        """mm->write_protect_seq"""
        return self.sequences[process]

    # ------------------------------------------------------------ what was stored

    def holds(self, process: Enum, page: int, byte: Enum, value: Enum | None) -> bool:
        """The value is what the process has at the page: in the frame that it maps or that a migration entry names, in the
        swap cache or in the swap slot; of a mapping of a file that has no entry, in the page cache or on disk. Who is
        between clearing an entry and setting it again holds the page table lock."""
        entry = self.pte[process, page]
        match entry:
            case Pte() | MigrationEntry():
                return self.data[entry.frame, byte] == value
            case SwapEntry():
                return self.swap.holds(entry.slot, byte, value)
            case None:
                return self.cache.holds(process, page, byte, value) or not self.pte_unlocked(process, page)
            case _:
                assert_never(entry)

    # ------------------------------------------------------------ frames

    def out_of_memory(self) -> bool:
        """No frame is free. Who can do without one asks first; who can't waits in `alloc_page`, as all do where there are
        `enough`."""
        return not self.enough and not any(self.refcount[f] == 0 for f in self.frames)

    def alloc_page(self) -> Frame:
        """mm/page_alloc.c:alloc_page(): a free frame; the models have enough of them."""
        new = choose(f for f in self.frames if self.refcount[f] == 0)
        self.refcount[new] = 1
        return new

    def is_zero_page(self, frame: Frame) -> bool:
        """include/linux/pgtable.h:is_zero_pfn(): references to it and mappings of it are not counted."""
        if self.has_zero_page:
            return frame == self.zero_page
        return False

    def is_anon(self, frame: Frame) -> bool:
        """include/linux/page-flags.h:PageAnon()"""
        if self.cache.is_file_page(frame):
            return False
        return not self.is_zero_page(frame)

    def is_ksm(self, frame: Frame) -> bool:
        """include/linux/page-flags.h:PageKsm()"""
        return self.background.is_ksm(frame)

    def mapped(self, process: Enum, page: int) -> Frame | None:
        """The frame that the process maps at the page."""
        entry = self.pte[process, page]
        return entry.frame if pte_present(entry) else None

    def on_lru(self, frame: Frame, page: int) -> bool:
        """An anonymous page that some process maps there or, if there is nothing, where mremap() may have moved it."""
        return self.is_anon(frame) and any(
            maps(self.pte[process, at], frame) and (at == page or self.pte_none(process, page))
            for process in self.processes
            for at in self.pages
            if at == page or self.moves
        )

    def isolate_lru_page(self, page: int) -> Frame | None:
        """mm/vmscan.c:isolate_lru_page(): any anonymous page that is mapped there: the LRU lists know no process. None: there
        is none."""
        if not any(self.on_lru(f, page) for f in self.frames):
            return None
        frame = choose(f for f in self.frames if self.on_lru(f, page))
        return frame

    def get_page(self, frame: Frame) -> None:
        """include/linux/mm.h:get_page()"""
        self.refcount[frame] += 0 if self.is_zero_page(frame) else 1

    def page_add_rmap(self, frame: Frame) -> None:
        """mm/rmap.c:page_add_anon_rmap(), page_dup_rmap(): one more entry maps it."""
        self.mapcount[frame] += 0 if self.is_zero_page(frame) else 1

    def page_remove_rmap(self, frame: Frame) -> None:
        """mm/rmap.c:page_remove_rmap()"""
        self.mapcount[frame] -= 0 if self.is_zero_page(frame) else 1

    def put_page(self, frame: Frame) -> None:
        """include/linux/mm.h:put_page()"""
        self.refcount[frame] -= 0 if self.is_zero_page(frame) else 1
        freed = self.refcount[frame] == 0
        for byte in self.bytes:
            self.data[frame, byte] = self.zero if freed else self.data[frame, byte]
        self.history.released(frame, freed)
        if self.tracks_exclusive():
            self.anon_exclusive[frame] = not freed and self.anon_exclusive[frame]
        self.background.released(frame, freed)
        self.cache.released(frame, freed)

    def page_count(self, frame: Frame) -> int:
        """include/linux/page_ref.h:page_count()"""
        return self.refcount[frame]

    def page_mapcount(self, frame: Frame) -> int:
        """include/linux/mm.h:page_mapcount()"""
        return self.mapcount[frame]

    def page_maybe_dma_pinned(self, frame: Frame) -> bool:
        """include/linux/mm.h:page_maybe_dma_pinned(): exact, unless `pin_false_positive` lets it err towards true."""
        pinned = self.pins[frame] > 0
        if self.kernel.pin_false_positive and self.refcount[frame] > 1:  # ablation
            mistaken = choose((False, True))
            return pinned or mistaken
        return pinned and self.kernel.foll_pin_counted

    def page_anon_exclusive(self, frame: Frame) -> bool:
        """include/linux/page-flags.h:PageAnonExclusive()"""
        return self.anon_exclusive[frame]

    def page_try_share_anon_rmap(self, frame: Frame) -> bool:
        """include/linux/rmap.h:page_try_share_anon_rmap(): takes the mark of an exclusive page away. False: it may be pinned."""
        exclusive = self.marked_exclusive(frame)
        kept = self.kernel.try_share_anon_rmap and exclusive and self.page_maybe_dma_pinned(frame)
        if self.tracks_exclusive():
            self.anon_exclusive[frame] = kept
        return not kept

    def marked_exclusive(self, frame: Frame) -> bool:
        """The kernel has PG_anon_exclusive, and the page is marked."""
        return self.tracks_exclusive() and self.anon_exclusive[frame]

    def tracks_exclusive(self) -> bool:
        """The kernel has PG_anon_exclusive."""
        return self.kernel.fork == Fork.EXCLUSIVE or self.kernel.reuse == Reuse.EXCLUSIVE

    def page_add_new_anon_rmap(self, frame: Frame) -> None:
        """mm/rmap.c:page_add_new_anon_rmap(): a new page is mapped once, by one process."""
        self.mapcount[frame] = 1
        if self.tracks_exclusive():
            self.anon_exclusive[frame] = True

    def copy_user_highpage(self, old: Frame, new: Frame, byte: Enum) -> None:
        """include/linux/highmem.h:copy_user_highpage(): one of its moves, which are atomic neither against DMA nor against
        stores."""
        self.data[new, byte] = self.data[old, byte]
        self.history.copied(old, new, byte)

    def write_data(self, frame: Frame, byte: Enum, value: Enum, writer: Enum) -> None:
        """The write itself, by a store or by DMA."""
        self.data[frame, byte] = value
        self.cache.written(frame, byte, value)
        self.history.written(frame, byte, value, writer)

    # ------------------------------------------------------------ page tables and TLBs

    def flush_tlb_page(self, process: Enum, page: int) -> None:
        """arch/x86/mm/tlb.c:flush_tlb_page(): empties the TLBs of all CPUs that run the process, for the page."""
        for cpu in self.cpus:
            if self.process_of(cpu) is process:
                self.tlb[cpu, page] = None
        for notifier in self.notifiers:
            if notifier.process is process:
                notifier.invalidate_secondary_tlb(page)

    def flush_tlb_mm(self, process: Enum) -> None:
        """arch/x86/mm/tlb.c:flush_tlb_mm(): empties the TLBs of all CPUs that run the process."""
        for page in self.pages:
            self.flush_tlb_page(process, page)

    def may_evict(self, process: Enum) -> None:
        """Where no flush comes, a CPU may lose what its TLB holds by chance, or keep it."""
        for cpu in self.cpus:
            if self.process_of(cpu) is process and any(self.tlb[cpu, page] is not None for page in self.pages):
                gone = choose((False, True))
                for page in self.pages:
                    self.tlb[cpu, page] = None if gone else self.tlb[cpu, page]

    async def flush_tlb_batched_pending(self, process: Enum, page: int) -> None:
        """mm/rmap.c:flush_tlb_batched_pending(): in the step that waited for `pte_unlocked`; it ends with the lock held."""
        if self.swap.batches_flushes() and self.kernel.flush_batched_pending:  # ablation
            if self.swap.tlb_flush_batched[process]:
                self.flush_tlb_mm(process)
                self.swap.tlb_flush_batched[process] = False
                self.lock_pte(process, page)
                await step("flush_tlb_batched_pending")
                self.unlock_pte(process, page)

    def try_to_unmap_flush(self, page: int, frame: Frame) -> None:
        """mm/rmap.c:try_to_unmap_flush(): empties all TLBs of what they still hold of a page that was unmapped."""
        for cpu in self.cpus:
            for other in self.pages:
                if other == page or self.moves:
                    self.tlb[cpu, other] = None if maps(self.tlb[cpu, other], frame) else self.tlb[cpu, other]

    def can_read(self, process: Enum, page: int, frame: Frame) -> bool:
        """A load by the process from the page may come from the frame, by its page table or by a TLB."""
        return maps(self.pte[process, page], frame) or any(
            maps(self.tlb[cpu, page], frame) for cpu in self.cpus if self.process_of(cpu) is process
        )

    def can_see(self, process: Enum, page: int, frame: Frame) -> bool:
        """The same, or somebody reads the frame from what the process gave to be read later."""
        return self.can_read(process, page, frame) or any(s.can_read(process, page, frame) for s in self.spliced)

    def writes_by_tlb_alone(self, cpu: Enum, page: int, frame: Frame) -> bool:
        """The CPU's TLB still lets it store to the frame, though the page table has changed."""
        entry = self.pte[self.process_of(cpu), page]
        still = pte_access_permitted(entry, True) and entry.frame == frame
        return self.tlb[cpu, page] == Translation(frame, True) and not still

    async def invalidate_range_start(self, process: Enum, page: int) -> None:
        """include/linux/mmu_notifier.h:mmu_notifier_invalidate_range_start(): returns when all who are told have."""
        for notifier in self.notifiers:
            if notifier.process is process:
                await notifier.invalidate_range_start(page)

    async def invalidate_range_end(self, process: Enum, page: int) -> None:
        """include/linux/mmu_notifier.h:mmu_notifier_invalidate_range_end()"""
        for notifier in self.notifiers:
            if notifier.process is process:
                await notifier.invalidate_range_end(page)

    def translate(self, cpu: Enum, page: int, write: bool) -> Frame | None:
        """What the CPU's TLB says, or a walk of the page table, which fills it. None: a page fault."""
        cached = self.tlb[cpu, page]
        if tlb_hit(cached, write):
            return cached.frame
        entry = self.pte[self.process_of(cpu), page]
        if pte_access_permitted(entry, write):
            self.tlb[cpu, page] = Translation(entry.frame, entry.writable)
            return entry.frame
        return None

    def find_vma(self, process: Enum, page: int) -> bool:
        """mm/mmap.c:find_vma(): the page is mapped in the process."""
        return self.vma[process, page]

    # ------------------------------------------------------------ the picture of the mail of 2018-11-19

    def picture(self) -> Picture:
        """Who maps which frame: the CPUs of the processes, stale TLB entries, and the devices of the model."""
        boxes: list[Box] = []
        arrows: list[Arrow] = []
        for process in self.processes:
            name = str(process.value)
            rows: list[str] = []
            if not any(self.vma[process, page] for page in self.pages):
                rows.append("no VMA" if self.running[process] else "not yet")
            if self.sigsegv[process]:
                rows.append("SIGSEGV")
            for page in self.pages:
                entry = self.pte[process, page]
                frame, access = frame_of(entry), entry_text(entry)
                if frame is not None:
                    arrows.append(Arrow(name, frame_box(frame), self.said(page, access)))
                elif entry is not None:
                    rows.append(self.said(page, access))
                for cpu in self.cpus:
                    cached = self.tlb[cpu, page]
                    if self.process_of(cpu) is process and cached is not None and not walks_to(entry, cached):
                        held = f"TLB of {cpu.value}, {'writable' if cached.writable else 'read-only'}"
                        arrows.append(Arrow(name, frame_box(cached.frame), self.said(page, held), dashed=True))
            boxes.append(Box(name, f"CPU {name}", tuple(rows), "mapper"))
        for part in self.part_model.parts.values():
            if isinstance(part, DmaMapping):
                box, held_by = part.drawn()
                boxes.append(box)
                arrows.extend(held_by)
        for frame in self.frames:
            if self.refcount[frame] > 0:
                rows = [f"{byte.name.lower()}: {self.data[frame, byte].value}" for byte in self.bytes]
                rows += [f"refcount {self.refcount[frame]}", f"mapcount {self.mapcount[frame]}"]
                rows += [f"pins {self.pins[frame]}"] if self.kernel.foll_pin else []
                rows += ["exclusive"] if self.tracks_exclusive() and self.anon_exclusive[frame] else []
                rows += self.cache.marks(frame)
                boxes.append(Box(frame_box(frame), repr(frame), tuple(rows), "memory"))
        return Picture(tuple(boxes), tuple(arrows))

    def said(self, page: int, access: str) -> str:
        """The label of an arrow; the page is named where there are several."""
        return access if len(self.pages) == 1 else f"page {page}: {access}"
