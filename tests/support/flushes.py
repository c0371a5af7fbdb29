"""Who puts a TLB flush off, and who meets the entry before it comes: a small model of each pair."""

from __future__ import annotations

from enum import Enum

from explorer.language import Model
from explorer.models.linux.access import store
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.ksm import ksm_merge
from explorer.models.linux.memory import Memory
from explorer.models.linux.migrate import migrate_page, migrate_vma
from explorer.models.linux.numa import change_prot_numa
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.pipe import Pipe
from explorer.models.linux.protect import clear_refs, madvise_dontneed, madvise_mergeable, mprotect, mremap, munmap
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.swap import reclaim_page
from explorer.models.linux.swap_slots import Swap
from explorer.models.linux.userfault import mwriteprotect_range
from explorer.properties.no_lost_cpu_write import no_lost_cpu_write
from explorer.properties.tlb_flushed_before_reuse import tlb_flushed_before_reuse


class Who(Enum):
    """Who changes an entry, as docs/flushes.md calls them."""

    RECLAIM = "reclaim"
    DONTNEED = "MADV_DONTNEED"
    UFFD_WP = "userfaultfd"
    NUMA = "NUMA hints"
    CLEAR_REFS = "clear_refs"
    MIGRATE_VMA = "migrate_vma"
    MPROTECT = "mprotect()"
    MREMAP = "mremap()"
    FORK = "fork()"
    MUNMAP = "munmap()"
    FAULT = "a write fault"
    MIGRATE = "migration"
    KSM = "KSM"


PROCESS, PAGE = Process.PARENT, 0
ON_THE_MOVE = (Who.RECLAIM, Who.MIGRATE, Who.MIGRATE_VMA, Who.KSM, Who.MREMAP)
LATER = (Who.UFFD_WP, Who.NUMA, Who.DONTNEED)
ALLOCATES = (Who.FAULT, Who.DONTNEED)  # who stores afterwards


async def do(m: Model, memory: Memory, fork: ForkCall, who: Who) -> None:
    """What they do, to the page."""
    match who:
        case Who.RECLAIM:
            await reclaim_page(memory, PAGE)
        case Who.DONTNEED:
            await madvise_dontneed(memory, PROCESS, PAGE)
        case Who.UFFD_WP:
            await mwriteprotect_range(memory, PROCESS, PAGE, False)
        case Who.NUMA:
            await change_prot_numa(memory, PROCESS, PAGE)
        case Who.CLEAR_REFS:
            await clear_refs(memory, PROCESS)
        case Who.MIGRATE_VMA:
            await migrate_vma(memory, PROCESS, PAGE)
        case Who.MPROTECT:
            await mprotect(memory, PROCESS, PAGE, False)
        case Who.MREMAP:
            await mremap(memory, PROCESS, PAGE, 1)
        case Who.FORK:
            await fork.dup_mmap()
        case Who.MUNMAP:
            await munmap(memory, PROCESS, PAGE)
        case Who.MIGRATE:
            await migrate_page(memory, PAGE)
        case Who.KSM:
            await madvise_mergeable(memory, PROCESS, PAGE)
            await madvise_mergeable(memory, PROCESS, 1)
            await ksm_merge(memory, PROCESS, PAGE, PROCESS, 1)


def pair(owes: Who, meets: Who, kernel: Kernel) -> Model:
    """A thread does what puts a flush off, another meets the entry; a third has the old entry in its TLB and stores."""
    m = Model()
    both = (owes, meets)
    moves, merges = Who.MREMAP in both, Who.KSM in both
    pages = 2 if moves or merges else 1
    memory = parent_memory(
        m,
        4 + pages,
        pages,
        kernel,
        warm=(Cpu.THREAD2,),
        parent_threads=4,
        background=any(who in ON_THE_MOVE for who in both),
        deferred=any(who in LATER for who in both),
        unmapped=1 if moves else 0,
    )
    if Who.RECLAIM in both:
        Swap(m, memory, 2)
    history = StoreHistory(m, memory)
    fork = ForkCall(m, memory, PROCESS, Process.CHILD)
    pipe = Pipe(m, memory, PROCESS)

    @m.thread("owes")
    async def owing() -> None:
        await do(m, memory, fork, owes)

    @m.thread("meets")
    async def meeting() -> None:
        if meets is Who.FAULT and Who.RECLAIM not in both:
            await pipe.vmsplice()  # a reference, so that the fault copies the page
        await do(m, memory, fork, meets)
        if meets in ALLOCATES:
            await store(memory, Cpu.PARENT, PAGE, Half.LOW, Value.PARENT, Writer.PARENT)

    @m.thread("stores")
    async def storing() -> None:
        await store(memory, Cpu.THREAD2, PAGE, Half.HIGH, Value.THREAD2, Writer.PARENT)

    m.require(no_lost_cpu_write(memory, history), tlb_flushed_before_reuse(memory, history))
    if Who.DONTNEED in both:
        m.excludes["no_lost_cpu_write"] = "while MADV_DONTNEED runs a TLB may read what it drops"
    return m
