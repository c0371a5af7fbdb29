"""A page is copied, or moved, while a CPU can still store to it by its TLB alone: the store is lost.

Whoever changes an entry and flushes TLBs later, without keeping page faults out, lets a fault read the new entry and act on it
while another CPU goes by the old one.

| kernel | step | abstracted away |
|---|---|---|
| mwriteprotect_range() | down_read(); the entry; the flush | |
| clear_refs_write() | down_read() (to v5.10) or down_write(); the entry; the flush (v5.6 to v5.11: none) | soft-dirty |
| change_prot_numa() | down_read(); the entry; the flush | |
| do_numa_page() | clear, flush if the entry was accessible; copy; set | |
| dup_mmap(), copy_page_range() | those of fork, its flush at the end | |
| move_ptes() | the entry moves, the flush; meanwhile unmap_and_move() migrates the page from its new address | |
| migrate_vma_collect_pmd() | the migration entry, the flush; meanwhile MADV_DONTNEED | copying to the device |
| shrink_page_list() | isolate; add_to_swap; unmap: two; flush; meanwhile MADV_DONTNEED | LRU; a second reclaim |
| do_user_addr_fault(), do_wp_page() | those of a store that faults | |

Sources: commits 6ce64428d620 (v5.12-rc3), 29a951dfb3c3 (v5.11-rc4), 912efa17e512 (v5.12), 20841405940e (v4.14), fb49c455323f
(v6.5, v6.4.3), eb66ae030829 (v4.19-rc8), 60bae7370896 (v6.0), 3ea277194daa (v4.13).
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model
from explorer.language.rules import peek
from explorer.models.linux.access import store
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import V5_10, V6_18, Kernel
from explorer.models.linux.migrate import migrate_page, migrate_vma
from explorer.models.linux.numa import change_prot_numa
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.pipe import Pipe
from explorer.models.linux.protect import clear_refs, madvise_dontneed, mremap
from explorer.models.linux.rules.pte import DeferFlush
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.swap import reclaim_page
from explorer.models.linux.swap_slots import Swap
from explorer.models.linux.userfault import mwriteprotect_range
from explorer.properties.no_lost_cpu_write import no_lost_cpu_write

FIXED: dict[str, object] = {"kernel": V6_18}


class By(Enum):
    UFFD_WP = "uffd_wp"
    CLEAR_REFS = "clear_refs"
    NUMA = "numa"
    FORK = "fork"
    MREMAP = "mremap"
    MIGRATE_VMA = "migrate_vma"
    RECLAIM = "reclaim"


def tlb_flush_cow(*, kernel: Kernel = V5_10, by: By = By.CLEAR_REFS, referenced: bool = True) -> Model:
    """One thread changes an entry and flushes later; one faults on it; one has the old entry in its TLB and stores.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        by: who changes the entry, uffd_wp, clear_refs, numa (broken with +flush_pending=off), fork (v6.4), mremap (to v4.18),
            migrate_vma (to v5.19) or reclaim (broken with +flush_batched_pending=off)
        referenced: somebody has a reference on the page, so that a write fault copies it also where nobody shares it; with
            mremap, migrate_vma and reclaim nobody has
    """
    m = Model()
    unlocked = by in (
        By.MREMAP,
        By.MIGRATE_VMA,
        By.RECLAIM,
    )  # the flush comes after the page table lock, not after a system call's lock
    moves = by is By.MREMAP
    memory = parent_memory(
        m,
        4,
        2 if moves else 1,
        kernel,
        warm=(Cpu.THREAD2,),
        parent_threads=4,
        background=unlocked,
        deferred=not moves,
        bits={By.UFFD_WP: ("uffd_wp",), By.NUMA: ("protnone",)}.get(by, ()),
        unmapped=1 if moves else 0,
    )
    if by is By.RECLAIM:
        Swap(m, memory, 1)
    history = StoreHistory(m, memory)
    fork = ForkCall(m, memory, Process.PARENT, Process.CHILD)
    pipe = Pipe(m, memory, Process.PARENT)

    @m.thread("changes")
    async def changing() -> None:
        if by is By.UFFD_WP:
            await mwriteprotect_range(memory, Process.PARENT, 0, False)
        if by is By.CLEAR_REFS:
            await clear_refs(memory, Process.PARENT)
        if by is By.NUMA:
            await change_prot_numa(memory, Process.PARENT, 0)
        if by is By.FORK:
            await fork.dup_mmap()
        if by is By.MREMAP:
            await mremap(memory, Process.PARENT, 0, 1)
        if by is By.MIGRATE_VMA:
            await migrate_vma(memory, Process.PARENT, 0)
        if by is By.RECLAIM:
            await reclaim_page(memory, 0)

    @m.thread("kernel" if moves else "faults")
    async def faulting() -> None:
        if moves:
            await migrate_page(memory, 1)
            return
        if by in (By.MIGRATE_VMA, By.RECLAIM):
            await madvise_dontneed(memory, Process.PARENT, 0)
        elif referenced:
            await pipe.vmsplice()
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)

    @m.thread("stores")
    async def storing() -> None:
        await store(memory, Cpu.THREAD2, 0, Half.HIGH, Value.THREAD2, Writer.PARENT)

    m.require(no_lost_cpu_write(memory, history))
    if by is not By.FORK:
        for name in ("fork_content", "fork_isolation_cpu", "child_usable"):
            m.excludes[name] = "nobody forks"
    lacking = by is By.UFFD_WP and peek(kernel, "uffd_wp") is False
    rule = {By.MREMAP: "mremap_flush", By.MIGRATE_VMA: "migrate_flush"}.get(by)
    flushed = rule is not None and peek(kernel, rule) is True
    at_once = by is By.RECLAIM and peek(kernel, "defer_flush") is DeferFlush.SHARED
    m.reachable(
        "stale_tlb",
        lambda: any(memory.writes_by_tlb_alone(Cpu.THREAD2, 0, f) for f in memory.frames),
        unless="userfaultfd does not write-protect before v5.7"
        if lacking
        else "the entry changes and TLBs forget it under one page table lock"
        if flushed
        else "reclaim puts no flush of an exclusive page off"
        if at_once
        else "",
    )
    m.reachable("all_done", lambda: changing.finished and faulting.finished and storing.finished)
    m.scope = f"order-0 anonymous pages; 1 process, 3 threads, {'2 pages' if moves else '1 page'}"
    return m
