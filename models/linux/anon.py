"""Private anonymous memory: page tables, TLBs, frames with their counts, faults and copy-on-write.

One region of `pages` pages, one VMA in each process, in whose page table the parent has every page present and writable
at the start. What is shown of a frame is kept as the kernel keeps it: ``refcount`` (every reference adds 1), ``pins``
(those of them that are FOLL_PIN; the kernel adds 1024 to the refcount instead), ``mapcount`` and ``anon_exclusive``
apart from each other, since the kernels differ in which of them they read.

| kernel | here | abstracted away |
|---|---|---|
| page table lock | what it holds together is one step; fork's is split, under mmap_lock | waiting for it |
| TLB | one a CPU; an access fills it, the kernel's flushes empty it | eviction: a new walk finds the same or newer |
| do_anonymous_page() | a write maps a zeroed frame; a read reads zero and maps nothing | the zero page as a frame |
| page lock in do_wp_page() | not taken | its trylock: it decides nothing that the counts do not |
| put_page() of the last reference | resets the frame's data and marks | what a free page still holds |
| VM_WRITE, dirty and young bits | every VMA is writable; no rule here reads the bits | |
| KSM, swap, migration, THP, notifiers | absent: page_count_swapcache is page_count here | |
"""

from __future__ import annotations

from enum import Enum
from typing import TypeGuard

from explorer.language import (
    Array,
    Atom,
    Model,
    Part,
    Range,
    Sort,
    array,
    choose,
    ghost,
    optional,
    pairs,
    record,
    replace,
    step,
    var,
)
from explorer.language.picture import Arrow, Box, Picture
from explorer.models.linux.kernels import Fork, Kernel, Reuse
from explorer.models.linux.locks import RwSem, SeqCount


class Frame(Atom):
    """A page frame."""


class Process(Enum):
    PARENT = "parent"
    CHILD = "child"


class Cpu(Enum):
    """A CPU, named by the thread it runs: the parent's, the parent's second one, the child's."""

    PARENT = "parent"
    THREAD2 = "thread2"
    CHILD = "child"


class Half(Enum):
    """The two cells of data in a frame."""

    LOW = "low"
    HIGH = "high"


class Value(Enum):
    """What a cell of data holds: who wrote it. OLD is what the parent wrote before the run."""

    ZERO = "zero"
    OLD = "old"
    PARENT = "parent"
    THREAD2 = "thread2"
    CHILD = "child"
    DEVICE = "device"


class Writer(Enum):
    NOBODY = "nobody"
    PARENT = "parent"
    CHILD = "child"
    DEVICE = "device"


@record
class Pte:
    """A present page table entry, and what a TLB holds of one."""

    frame: Frame
    writable: bool


def process_of(cpu: Cpu) -> Process:
    """The process whose thread the CPU runs."""
    return Process.CHILD if cpu is Cpu.CHILD else Process.PARENT


def writer_of(process: Process) -> Writer:
    return Writer.CHILD if process is Process.CHILD else Writer.PARENT


def maps(entry: Pte | None, frame: Frame) -> bool:
    """The entry is present and names the frame."""
    return entry is not None and entry.frame == frame


def pte_access_permitted(entry: Pte | None, write: bool) -> TypeGuard[Pte]:
    """include/linux/pgtable.h:pte_access_permitted(): present, and writable if that is asked."""
    return entry is not None and (entry.writable or not write)


def tlb_hit(entry: Pte | None, write: bool) -> TypeGuard[Pte]:
    """The CPU goes by this TLB entry; for a store through a read-only one it walks the page table again."""
    return entry is not None and (entry.writable or not write)


def pte_same(entry: Pte | None, orig: Pte) -> TypeGuard[Pte]:
    """include/linux/pgtable.h:pte_same()"""
    return entry == orig


class DmaMapping(Part):
    """Base of what holds translations of its own, so that the picture can show it beside the page tables."""

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        """Its box, and its arrows to the boxes of frames (`frame_box`)."""
        raise NotImplementedError


def frame_box(frame: Frame) -> str:
    """The name of the frame's box in a picture."""
    return repr(frame).replace(" ", "")


class AnonMemory(Part):
    """The anonymous memory of a parent and its child.

    `warm`: the CPUs whose TLBs hold writable entries at the start. `parent_threads`: how many threads of the parent can
    be in a fault or in GUP at once.
    """

    def __init__(
        self,
        m: Model,
        frames: Sort[Frame],
        pages: int,
        kernel: Kernel,
        *,
        warm: tuple[Cpu, ...] = (),
        parent_threads: int = 1,
    ) -> None:
        super().__init__(m, "mm")
        self.frames, self.pages, self.kernel = frames, Range(0, pages - 1), kernel
        at_start = frames.values()[:pages]

        def mapped(process: Process, page: int) -> Pte | None:
            return Pte(at_start[page], True) if process is Process.PARENT else None

        self.pte: Array[tuple[Process, int], Pte | None] = array(
            pairs(Process, self.pages), optional(Pte), lambda key: mapped(*key)
        )
        self.tlb: Array[tuple[Cpu, int], Pte | None] = array(
            pairs(Cpu, self.pages),
            optional(Pte),
            lambda key: mapped(process_of(key[0]), key[1]) if key[0] in warm else None,
        )
        self.data = array(pairs(frames, Half), Value, lambda key: Value.OLD if key[0] in at_start else Value.ZERO)
        self.refcount = array(frames, Range(0, 8), lambda f: int(f in at_start))
        self.mapcount = array(frames, Range(0, 2), lambda f: int(f in at_start))
        self.pins = array(frames, Range(0, 2), lambda f: 0)
        self.anon_exclusive = array(frames, bool, lambda f: f in at_start)
        self.vma = array(Process, bool, lambda p: p is Process.PARENT)
        self.vm_dontcopy = var(bool, False)
        self.vm_wipeonfork = var(bool, False)
        self.has_pinned = array(Process, bool, lambda p: False)
        self.sigsegv = array(Process, bool, lambda p: False)
        self.child_runs = var(bool, False)
        self.parent_lock = RwSem(m, "mmap_lock", parent_threads)
        self.child_lock = RwSem(m, "child_mmap_lock", 1)
        self.write_protect_seq = SeqCount(m, "write_protect_seq", 1)

        # history, for properties only
        self.forking = ghost(var(bool, False))
        self.had_in_fork = ghost(array(pairs(self.pages, pairs(Half, Value)), bool, lambda key: False))
        self.first_read: Array[tuple[int, Half], Value | None] = ghost(
            array(pairs(self.pages, Half), optional(Value), lambda key: None)
        )
        self.last_writer = ghost(array(pairs(self.pages, Half), Writer, lambda key: Writer.NOBODY))
        self.written_since_fork = ghost(array(pairs(frames, Half), Writer, lambda key: Writer.NOBODY))

    def mmap_lock(self, process: Process) -> RwSem:
        return self.parent_lock if process is Process.PARENT else self.child_lock

    # ------------------------------------------------------------ frames

    def alloc_page(self) -> Frame:
        """mm/page_alloc.c:alloc_page(): any free frame; the models have enough of them."""
        new = choose(f for f in self.frames if self.refcount[f] == 0)
        self.refcount[new] = 1
        return new

    def put_page(self, frame: Frame) -> None:
        """include/linux/mm.h:put_page()"""
        self.refcount[frame] -= 1
        freed = self.refcount[frame] == 0
        for half in Half:
            self.data[frame, half] = Value.ZERO if freed else self.data[frame, half]
            self.written_since_fork[frame, half] = Writer.NOBODY if freed else self.written_since_fork[frame, half]
        if self.tracks_exclusive():
            self.anon_exclusive[frame] = not freed and self.anon_exclusive[frame]

    def page_count(self, frame: Frame) -> int:
        """include/linux/page_ref.h:page_count()"""
        return self.refcount[frame]

    def page_mapcount(self, frame: Frame) -> int:
        """include/linux/mm.h:page_mapcount()"""
        return self.mapcount[frame]

    def page_maybe_dma_pinned(self, frame: Frame) -> bool:
        """include/linux/mm.h:page_maybe_dma_pinned(): exact here; the kernel's may err towards true."""
        return self.pins[frame] > 0

    def tracks_exclusive(self) -> bool:
        """The kernel has PG_anon_exclusive."""
        return self.kernel.fork == Fork.EXCLUSIVE or self.kernel.reuse == Reuse.EXCLUSIVE

    def add_new_anon_rmap(self, frame: Frame) -> None:
        """mm/rmap.c:page_add_new_anon_rmap(): a new page is mapped once, by one process."""
        self.mapcount[frame] = 1
        if self.tracks_exclusive():
            self.anon_exclusive[frame] = True

    def copy_half(self, old: Frame, new: Frame, half: Half) -> None:
        """One of the two moves of a page copy, which is atomic neither against DMA nor against stores."""
        self.data[new, half] = self.data[old, half]
        self.written_since_fork[new, half] = self.written_since_fork[old, half]

    def flush_tlb(self, process: Process, page: int) -> None:
        """Empties the TLBs of all CPUs that run the process, for the page."""
        for cpu in Cpu:
            if process_of(cpu) is process:
                self.tlb[cpu, page] = None

    # ------------------------------------------------------------ accesses

    def can_read(self, process: Process, page: int, frame: Frame) -> bool:
        """A load by the process from the page may come from the frame, by its page table or by a TLB."""
        return maps(self.pte[process, page], frame) or any(
            maps(self.tlb[cpu, page], frame) for cpu in Cpu if process_of(cpu) is process
        )

    def written_since_fork_by(self, writer: Writer) -> bool:
        """Some half of a frame was last written, since the child runs, by that writer. History: for properties."""
        return any(self.written_since_fork[f, half] == writer for f in self.frames for half in Half)

    def translate(self, cpu: Cpu, page: int, write: bool) -> Frame | None:
        """What the CPU's TLB says, or a walk of the page table, which fills it. None: a page fault."""
        cached = self.tlb[cpu, page]
        if tlb_hit(cached, write):
            return cached.frame
        entry = self.pte[process_of(cpu), page]
        if pte_access_permitted(entry, write):
            self.tlb[cpu, page] = entry
            return entry.frame
        return None

    def write_data(self, frame: Frame, half: Half, value: Value, writer: Writer) -> None:
        """The write itself, by a store or by DMA."""
        self.data[frame, half] = value
        self.written_since_fork[frame, half] = writer if self.child_runs else Writer.NOBODY
        for page in self.pages:
            self.had_in_fork[page, (half, value)] = self.had_in_fork[page, (half, value)] or (
                self.forking and maps(self.pte[Process.PARENT, page], frame)
            )

    async def load(self, cpu: Cpu, page: int) -> None:
        """The CPU reads both halves of the page."""
        await step(f"load page {page}")
        process = process_of(cpu)
        frame = self.translate(cpu, page, False)
        if frame is None and not self.find_vma(process):
            self.sigsegv[process] = True
            return
        if process is Process.CHILD:
            for half in Half:
                value = Value.ZERO if frame is None else self.data[frame, half]
                first = self.first_read[page, half]
                self.first_read[page, half] = value if first is None else first

    async def store(self, cpu: Cpu, page: int, half: Half, value: Value) -> None:
        """The CPU writes one half of the page, after as many page faults as it takes."""
        process = process_of(cpu)
        while True:
            await step(f"store to page {page}")
            frame = self.translate(cpu, page, True)
            if frame is not None:
                self.write_data(frame, half, value, writer_of(process))
                if process is Process.PARENT:
                    self.last_writer[page, half] = Writer.PARENT
                return
            served = await self.do_user_addr_fault(process, page)
            if not served:
                return

    # ------------------------------------------------------------ faults

    def find_vma(self, process: Process) -> bool:
        """mm/mmap.c:find_vma(): the region is mapped in the process."""
        return self.vma[process]

    async def do_user_addr_fault(self, process: Process, page: int) -> bool:
        """arch/x86/mm/fault.c:do_user_addr_fault(): a write fault of the user's. False: SIGSEGV."""
        async with self.mmap_lock(process).read:
            if not self.find_vma(process):
                self.sigsegv[process] = True
                return False
            await self.handle_mm_fault(process, page, False)
            return True

    async def handle_mm_fault(self, process: Process, page: int, unshare: bool) -> None:
        """mm/memory.c:handle_mm_fault(): for writing, or (`unshare`) only to get a page of one's own to read."""
        orig = self.pte[process, page]  # without the page table lock
        if orig is None:
            await self.do_anonymous_page(process, page)
        elif not orig.writable:
            await self.do_wp_page(process, page, orig, unshare)

    async def do_anonymous_page(self, process: Process, page: int) -> None:
        """mm/memory.c:do_anonymous_page(): no entry yet."""
        await step("do_anonymous_page")
        if self.pte[process, page] is None:
            new = self.alloc_page()
            self.add_new_anon_rmap(new)
            self.pte[process, page] = Pte(new, True)

    async def do_wp_page(self, process: Process, page: int, orig: Pte, unshare: bool) -> None:
        """mm/memory.c:do_wp_page(): under the page table lock."""
        await step("do_wp_page")
        entry = self.pte[process, page]
        if not pte_same(entry, orig):
            return
        old = entry.frame
        reuse = self.can_reuse(old)
        if reuse:
            if self.kernel.reuse == Reuse.EXCLUSIVE:
                self.anon_exclusive[old] = True
            if not unshare:
                self.pte[process, page] = replace(entry, writable=True)
        else:
            self.refcount[old] += 1  # the fault's own reference
            await self.wp_page_copy(process, page, old, unshare)

    def can_reuse(self, frame: Frame) -> bool:
        """The kernel's test whether nobody else can see the page."""
        match self.kernel.reuse:
            case Reuse.MAPCOUNT | Reuse.MAPCOUNT_UNSHARE:
                if self.page_mapcount(frame) == 1:
                    return True
            case Reuse.PAGE_COUNT | Reuse.PAGE_COUNT_SWAPCACHE:
                if self.page_count(frame) == 1 and self.page_mapcount(frame) == 1:
                    return True
            case Reuse.EXCLUSIVE:
                if self.page_anon_exclusive(frame) or self.page_count(frame) == 1:
                    return True
        return False

    def page_anon_exclusive(self, frame: Frame) -> bool:
        """include/linux/page-flags.h:PageAnonExclusive()"""
        return self.anon_exclusive[frame]

    async def wp_page_copy(self, process: Process, page: int, old: Frame, unshare: bool) -> None:
        """mm/memory.c:wp_page_copy(): the caller took a reference on the old page."""
        await step("copy low half")
        new = self.alloc_page()
        self.copy_half(old, new, Half.LOW)
        await step("copy high half")
        self.copy_half(old, new, Half.HIGH)
        await step("ptep_clear_flush, set_pte_at")
        entry, orig = self.pte[process, page], Pte(old, False)
        if pte_same(entry, orig):
            self.flush_tlb(process, page)
            self.add_new_anon_rmap(new)
            self.pte[process, page] = Pte(new, not unshare)
            self.mapcount[old] -= 1
            self.put_page(old)
        else:
            self.put_page(new)
        self.put_page(old)

    async def exit_mm(self, process: Process) -> None:
        """kernel/exit.c:exit_mm(): the process exits or calls exec."""
        await step("exit_mm", voluntary=True)
        for page in self.pages:
            entry = self.pte[process, page]
            if entry is not None:
                self.pte[process, page] = None
                self.flush_tlb(process, page)
                self.mapcount[entry.frame] -= 1
                self.put_page(entry.frame)
        self.vma[process] = False

    # ------------------------------------------------------------ the picture of the mail of 2018-11-19

    def picture(self) -> Picture:
        """Who maps which frame: the CPUs of both processes, stale TLB entries, and the devices of the model."""
        boxes: list[Box] = []
        arrows: list[Arrow] = []
        for process in Process:
            name = process.value
            rows: list[str] = []
            if not self.vma[process]:
                rows.append("no VMA" if process is Process.PARENT or self.child_runs else "not yet")
            if self.sigsegv[process]:
                rows.append("SIGSEGV")
            boxes.append(Box(name, f"CPU {name}", tuple(rows), "mapper"))
            for page in self.pages:
                entry = self.pte[process, page]
                if entry is not None:
                    access = "writable" if entry.writable else "read-only"
                    arrows.append(Arrow(name, frame_box(entry.frame), self.said(page, access)))
                for cpu in Cpu:
                    cached = self.tlb[cpu, page]
                    if process_of(cpu) is process and cached is not None and cached != entry:
                        held = f"TLB of {cpu.value}, {'writable' if cached.writable else 'read-only'}"
                        arrows.append(Arrow(name, frame_box(cached.frame), self.said(page, held), dashed=True))
        for part in self.part_model.parts.values():
            if isinstance(part, DmaMapping):
                box, held_by = part.drawn()
                boxes.append(box)
                arrows.extend(held_by)
        for frame in self.frames:
            if self.refcount[frame] > 0:
                rows = [f"{half.value}: {self.data[frame, half].value}" for half in Half]
                rows += [f"refcount {self.refcount[frame]}", f"mapcount {self.mapcount[frame]}"]
                rows += [f"pins {self.pins[frame]}"] if self.kernel.foll_pin else []
                rows += ["exclusive"] if self.tracks_exclusive() and self.anon_exclusive[frame] else []
                boxes.append(Box(frame_box(frame), repr(frame), tuple(rows), "memory"))
        return Picture(tuple(boxes), tuple(arrows))

    def said(self, page: int, access: str) -> str:
        """The label of an arrow; the page is named where there are several."""
        return access if len(self.pages) == 1 else f"page {page}: {access}"
