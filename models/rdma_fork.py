"""A memory region is registered on anonymous memory; the process forks; everyone goes on writing.

The question of the mails: which memory do the parent, the child and the device use for the region afterwards?

    Before fork:  CPU parent -> 0xCAFE                        HARDWARE -> 0xCAFE
    Case 1:       CPU parent -> 0xCAFE  CPU child -> 0xDEAD   HARDWARE -> 0xCAFE
    Case 2:       CPU parent -> 0xBEEF  CPU child -> 0xCAFE   HARDWARE -> 0xCAFE

Case 1 is the state `case_1` of ``-p order=child_first``; case 2 is the counterexample to `pinned_page_stays` of
``-p order=parent_first`` (both on v4.19).

| kernel | step | abstracted away |
|---|---|---|
| madvise_behavior() | down_write(): the flags of the one VMA | ranges that cover a part of the VMA |
| ib_umem_get(), vfio_pin_pages_remote() | those of GUP, below | how addresses are programmed |
| __get_user_pages() | down_read(); follow_page_mask(); a fault | VM_FAULT_RETRY, migration of movable pages |
| internal_get_user_pages_fast() | one for each access to what others change | interrupts off |
| dup_mmap(), copy_page_range() | down_write(); two a page; flush_tlb_mm | other VMAs; the child's locks |
| copy_one_pte() (to v5.9-rc7) | ptep_set_wrprotect(), then set_pte_at() | |
| copy_present_pte() (from v5.9-rc8) | test for a pin, then share; or copy by halves | the locks dropped to allocate |
| do_user_addr_fault() | the store that faults; down_read() | per-VMA locks (v6.4) |
| do_wp_page(), wp_page_copy() | decide; copy low half; copy high half; install | page lock, KSM, swap, notifiers |
| the device | two DMA writes a page; completion | more than one DMA in flight |
| ib_umem_release() | unpin_user_pages, after the completion | set_page_dirty_lock() |
| exit_mm() | one | what else exit does |

Sources: Linux v4.19 to v6.8 (mm/memory.c, mm/gup.c, kernel/fork.c, drivers/infiniband/core/umem.c); commits
f822566165dd, 17839856fd58, 09854ba94c6a, 70e806e4e645, 57efa1fe5957, 6c287605fd56; J. Glisse and J. Gunthorpe,
"uacce: Add documents for WarpDrive/uacce", 2018-11-19; J. Gunthorpe, "mm: Trial do_wp_page() simplification",
2020-09-15.
"""

from __future__ import annotations

from enum import Enum

from explorer.errors import UsageError
from explorer.language import Model, Part, array, step
from explorer.models.linux.access import load, store
from explorer.models.linux.devices import Device, DeviceKind
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import V4_19, V6_18, Kernel
from explorer.models.linux.memory import Memory, maps
from explorer.models.linux.parent_child import (
    Cpu,
    Half,
    Value,
    Writer,
    parent_memory,
)
from explorer.models.linux.pin_lemmas import pin_lemmas
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.unmap import exit_mm
from explorer.properties.child_usable import child_usable
from explorer.properties.fork_content import fork_content
from explorer.properties.fork_isolation_cpu import fork_isolation_cpu
from explorer.properties.fork_isolation_dma import fork_isolation_dma
from explorer.properties.no_lost_dma import no_lost_dma
from explorer.properties.pinned_page_stays import pinned_page_stays

FIXED: dict[str, object] = {"kernel": V6_18}


class Order(Enum):
    ANY = "any"
    PARENT_FIRST = "parent_first"
    CHILD_FIRST = "child_first"


class Child(Enum):
    STAYS = "stays"
    EXITS = "exits"


class DontFork(Enum):
    OFF = "off"
    ON = "on"
    SEED001 = "seed001"


class MadviseWhen(Enum):
    BEFORE_PIN = "before_pin"
    AFTER_PIN = "after_pin"


class DmaBy(Enum):
    PARENT = "parent"
    CHILD = "child"


class GupFast(Enum):
    """KERNEL: as ib_umem_get() of that kernel does (rule umem_gup_fast)."""

    OFF = "off"
    ON = "on"
    KERNEL = "kernel"


class Thread2(Enum):
    NONE = "none"
    STORES = "stores"
    PINS = "pins"


class Turns(Part):
    """Who has done its store, or has ended: for the orders in which one process goes first."""

    def __init__(self, m: Model, memory: Memory) -> None:
        super().__init__(m, "turns")
        self.done = array(memory.processes, bool, lambda p: False)


def rdma_fork(
    *,
    pages: int = 1,
    frames: int = 0,
    kernel: Kernel = V4_19,
    gup: Gup = Gup.PIN,
    gup_fast: GupFast = GupFast.OFF,
    order: Order = Order.ANY,
    child: Child = Child.STAYS,
    madv_dontfork: DontFork = DontFork.OFF,
    madvise_when: MadviseWhen = MadviseWhen.BEFORE_PIN,
    madv_wipeonfork: bool = False,
    device: DeviceKind = DeviceKind.HCA,
    dma_by: DmaBy = DmaBy.PARENT,
    thread2: Thread2 = Thread2.NONE,
    children: int = 1,
) -> Model:
    """A memory region is registered on anonymous memory; the process forks; everyone goes on writing.

    The parent registers the region, forks, stores to the high half of each page, and unregisters when the DMA is
    complete. The child reads each page and stores to its high half, or exits. The device writes both halves of each
    page once, at any time.

    Parameters:
        pages: pages of the region, 1 or more
        frames: page frames of the machine; 0: as many as can be in use at once
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        gup: the reference the driver takes, pin (FOLL_PIN, from v5.6) or get (FOLL_GET)
        gup_fast: the driver tries GUP-fast first, off, on, or as the kernel's does; no effect on vfio, which has no fast path
        order: which process stores first after fork, any, parent_first or child_first
        child: stays (reads and stores) or exits (exits or calls exec at once)
        madv_dontfork: off, on (the child has no VMA) or seed001 (an empty one, as the mail of 2018-11-19 has it)
        madvise_when: madvise is called before_pin or after_pin, by the thread that pins
        madv_wipeonfork: the child gets an empty VMA; madv_dontfork goes before it
        device: hca (an RDMA memory region) or vfio (an IOMMU mapping)
        dma_by: parent (a peer or the parent starts the DMA, at any time) or child (by the inherited region, after fork)
        thread2: none, stores (a second parent thread stores once, at any time) or pins (it registers the region)
        children: how often the parent forks, 1 or 2
    """
    if pages < 1:
        raise UsageError(f"pages must be 1 or more, not {pages}")
    if frames < 0 or 0 < frames < pages:
        raise UsageError(f"frames must be 0 (enough) or at least the {pages} of the region, not {frames}")
    # the first, one copy for each who may be copying it
    enough = pages * (2 + children + (thread2 is not Thread2.NONE))

    m = Model()
    memory = parent_memory(
        m,
        frames or enough,
        pages,
        kernel,
        warm=(Cpu.THREAD2,) if thread2 is Thread2.STORES else (),
        parent_threads=1 if thread2 is Thread2.NONE else 2,
        children=children,
    )
    history = StoreHistory(m, memory)
    parent, *born = memory.processes
    parent_cpu, thread2_cpu, *born_cpus = memory.cpus
    empty = madv_dontfork is DontFork.SEED001
    forks = tuple(ForkCall(m, memory, parent, process, dontcopy_is_empty=empty) for process in born)
    region = UserPages(m, "region", memory, parent, gup)
    dma = Device(m, memory, device, region, Value.DEVICE, Writer.DEVICE, posted=dma_by is DmaBy.PARENT)
    turns = Turns(m, memory)
    advised = madv_dontfork is not DontFork.OFF or madv_wipeonfork

    async def madvise() -> None:
        """mm/madvise.c:madvise_behavior(): as a library does for a region it registers."""
        async with memory.mmap_lock(parent).write:
            for page in memory.pages:
                memory.vm_dontcopy[parent, page] = madv_dontfork is not DontFork.OFF
                memory.vm_wipeonfork[parent, page] = madv_wipeonfork

    async def register() -> None:
        """What a library does to register a region."""
        if advised and madvise_when is MadviseWhen.BEFORE_PIN:
            await madvise()
        if device is DeviceKind.VFIO:
            await dma.vfio_pin_pages_remote()
        else:
            await dma.ib_umem_get(gup_fast is GupFast.ON or (gup_fast is GupFast.KERNEL and kernel.umem_gup_fast))
        if advised and madvise_when is MadviseWhen.AFTER_PIN:
            await madvise()

    async def unregister() -> None:
        """The user has seen the completion."""
        if device is DeviceKind.VFIO:
            await dma.vfio_unpin_pages_remote()
        else:
            await dma.ib_umem_release()

    @m.thread("parent")
    async def run_parent() -> None:
        if thread2 is not Thread2.PINS:
            await register()
        for fork in forks:
            await fork.dup_mmap()
        if order is Order.CHILD_FIRST:
            await step("wait for the child", when=lambda: all(turns.done[process] for process in born))
        for page in memory.pages:
            await store(memory, parent_cpu, page, Half.HIGH, Value.PARENT, Writer.PARENT)
        turns.done[parent] = True
        if thread2 is not Thread2.PINS:
            await unregister()

    if thread2 is not Thread2.NONE:

        @m.thread("thread2")
        async def run_thread2() -> None:
            if thread2 is Thread2.PINS:
                await register()
                await unregister()
            else:
                for page in memory.pages:
                    await store(memory, thread2_cpu, page, Half.HIGH, Value.THREAD2, Writer.PARENT)

    def lives(process: Enum, cpu: Enum) -> None:
        @m.thread(process.value)
        async def run_child() -> None:
            await step(
                "ret_from_fork",
                when=lambda: memory.running[process] and (order is not Order.PARENT_FIRST or turns.done[parent]),
            )
            dma.posted = True
            if child is Child.EXITS:
                await exit_mm(memory, process)
            else:
                for page in memory.pages:
                    await load(memory, cpu, page)
                    if memory.sigsegv[process]:
                        break
                    await store(memory, cpu, page, Half.HIGH, Value.CHILD, Writer.CHILD)
            turns.done[process] = True

    for process, cpu in zip(born, born_cpus, strict=True):
        lives(process, cpu)

    @m.thread(device.value, fairness="weak")
    async def run_device() -> None:
        await dma.dma_write()

    m.require(
        pinned_page_stays(memory, dma),
        no_lost_dma(memory, history, dma),
        fork_isolation_dma(memory, history, dma),
        fork_isolation_cpu(memory, history),
        fork_content(memory, history),
        child_usable(memory, history),
    )
    pin_lemmas(m, memory, dma)
    if child is Child.EXITS:
        m.excludes = {name: "the child exits without an access" for name in ("fork_content", "child_usable")}

    first, *others = born
    if others:
        for name in ("fork_isolation_dma", "fork_isolation_cpu", "fork_content", "child_usable"):
            m.excludes[name] = "it speaks of a parent and one child"
    dead_child = (
        "the child exits"
        if child is Child.EXITS
        else "the region is not in the child"
        if madv_dontfork is DontFork.ON
        else ""
    )
    m.reachable("child_runs_while_pinned", lambda: memory.running[first] and dma.programmed)
    m.reachable(
        "dma_during_fork",
        lambda: history.forking and history.last_writer[0, Half.LOW] == Writer.DEVICE,
        unless="the child starts the DMA" if dma_by is DmaBy.CHILD else "",
    )
    m.reachable("dma_after_fork", lambda: memory.running[first] and history.written_since_fork_by(Writer.DEVICE))
    m.reachable("parent_stores_under_pin", lambda: dma.programmed and turns.done[parent])
    m.reachable("child_reads", lambda: history.first_read[0, Half.LOW] is not None, unless=dead_child)
    m.reachable("child_stores", lambda: history.written_since_fork_by(Writer.CHILD), unless=dead_child)
    m.reachable(
        "case_1",
        lambda: (
            dma.programmed
            and turns.done[first]
            and any(
                dma.pages.frame[0] == f
                and maps(memory.pte[parent, 0], f)
                and not maps(memory.pte[first, 0], f)
                and memory.pte[first, 0] is not None
                for f in memory.frames
            )
        ),
        unless=dead_child or ("the parent moves away first" if order is Order.PARENT_FIRST else ""),
    )
    if thread2 is Thread2.STORES:
        m.reachable(
            "thread2_stores_during_fork", lambda: history.forking and history.had_in_fork[0, (Half.HIGH, Value.THREAD2)]
        )
    m.reachable(
        "all_done", lambda: dma.completed and not dma.programmed and all(turns.done[process] for process in born)
    )
    m.scope = f"order-0 anonymous pages; {1 + children} processes, {pages} page{'s' * (pages > 1)}"
    return m
