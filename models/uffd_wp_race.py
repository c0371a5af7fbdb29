"""userfaultfd write protection against a fault that copies: the memory corruption of 6ce64428d620.

userfaultfd changes an entry under mmap_lock for reading and flushes TLBs afterwards. Taking protection back clears the
writable bit as well, so a store may fault meanwhile, copy the page, and only then flush: what another CPU stored in between,
by its TLB, is lost.

| kernel | step | abstracted away |
|---|---|---|
| mwriteprotect_range() | down_read(); the entry; the flush | the ioctl's range and its wake-up |
| handle_userfault() | one, which waits | messages |
| vmsplice_to_pipe() | those of GUP-fast: a reference that nobody drops | page lock and swap cache, which have the same effect |
| do_user_addr_fault(), do_wp_page() | those of a store that faults | |

Sources: commit 6ce64428d620 (v5.12-rc3).
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model
from explorer.language.rules import peek
from explorer.models.linux.access import store
from explorer.models.linux.kernels import V5_11, V5_17, Kernel
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.pipe import Pipe
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.userfault import mwriteprotect_range
from explorer.properties.no_lost_cpu_write import no_lost_cpu_write

FIXED: dict[str, object] = {"kernel": V5_17}


class Monitor(Enum):
    UNPROTECTS = "unprotects"
    PROTECTS = "protects"
    BOTH = "both"


def uffd_wp_race(*, kernel: Kernel = V5_11, monitor: Monitor = Monitor.UNPROTECTS, referenced: bool = True) -> Model:
    """Two CPUs store to a page, each to its half, while a monitor changes its write protection.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        monitor: unprotects (a page that is not protected), protects and then unprotects, or both (two monitors)
        referenced: somebody has a reference on the page, so that a write fault copies it
    """
    m = Model()
    memory = parent_memory(m, 3, 1, kernel, warm=(Cpu.THREAD2,), parent_threads=4, deferred=True, bits=("uffd_wp",))
    history = StoreHistory(m, memory)
    pipe = Pipe(m, memory, Process.PARENT)

    @m.thread("cpu0")
    async def unprotecting() -> None:
        if monitor is Monitor.PROTECTS:
            await mwriteprotect_range(memory, Process.PARENT, 0, True)
        await mwriteprotect_range(memory, Process.PARENT, 0, False)

    if monitor is Monitor.BOTH:

        @m.thread("cpu3")
        async def protecting() -> None:
            await mwriteprotect_range(memory, Process.PARENT, 0, True)
            await mwriteprotect_range(memory, Process.PARENT, 0, False)

    @m.thread("cpu1")
    async def faulting() -> None:
        if referenced:
            await pipe.vmsplice()
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)

    @m.thread("cpu2")
    async def storing() -> None:
        await store(memory, Cpu.THREAD2, 0, Half.HIGH, Value.THREAD2, Writer.PARENT)

    m.require(no_lost_cpu_write(memory, history))
    for name in ("fork_content", "fork_isolation_cpu", "child_usable"):
        m.excludes[name] = "nobody forks"
    lacking = peek(kernel, "uffd_wp") is False
    m.reachable(
        "stale_tlb",
        lambda: any(memory.writes_by_tlb_alone(Cpu.THREAD2, 0, f) for f in memory.frames),
        unless="userfaultfd does not write-protect before v5.7" if lacking else "",
    )
    m.reachable("all_done", lambda: unprotecting.finished and faulting.finished and storing.finished)
    m.scope = "order-0 anonymous pages; 1 process, 3 CPUs, 1 page"
    return m
