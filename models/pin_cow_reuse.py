"""A pinned page, a fork whose child is gone, and a store: the regression of September 2020.

"Symptoms look to be like the DMA's are not arriving." The pin raises the page count, so do_wp_page() of v5.9-rc4 copies a
page that nobody else maps any more, and the device goes on writing the old one. No race is needed.

| kernel | step | abstracted away |
|---|---|---|
| ib_umem_get() | those of slow GUP | |
| dup_mmap(), copy_page_range() | those of fork | |
| exit_mm() | one: exit, or exec | |
| do_wait() | one | |
| do_user_addr_fault(), do_wp_page() | those of a store that faults | |
| the device | two DMA writes, or two DMA reads; completion | |

With ``-p access=read -p pin=after_fork`` a read pin of a shared page goes stale (v5.9 to v5.18, commit a7f226604170).

Sources: J. Gunthorpe, "mm: Trial do_wp_page() simplification", 2020-09-15; commits 09854ba94c6a (v5.9-rc4), 70e806e4e645
(v5.9), a7f226604170 (v5.19).
"""

from __future__ import annotations

from enum import Enum

from explorer.errors import UsageError
from explorer.language import Model, step
from explorer.language.model import Threads
from explorer.models.linux.access import store
from explorer.models.linux.devices import Device, DeviceKind, Dma, ReadingDevice, ReadOnlyRegion
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import V5_9, V5_9_RC4, Kernel
from explorer.models.linux.parent_child import Half, Value, Writer, parent_memory
from explorer.models.linux.pin_lemmas import pin_lemmas
from explorer.models.linux.protect import madvise_dontfork
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.unmap import exit_mm
from explorer.properties.pinned_page_stays import pinned_page_stays
from explorer.properties.pinned_page_stays_read import pinned_page_stays_read

FIXED: dict[str, object] = {"kernel": V5_9}


class Driver(Enum):
    RDMA = "rdma"
    OTHER = "other"


class Pin(Enum):
    BEFORE_FORK = "before_fork"
    AFTER_FORK = "after_fork"


class Child(Enum):
    EXITS = "exits"
    STAYS = "stays"


def pin_cow_reuse(
    *,
    kernel: Kernel = V5_9_RC4,
    gup: Gup = Gup.PIN,
    access: Dma = Dma.WRITE,
    pin: Pin = Pin.BEFORE_FORK,
    child: Child = Child.EXITS,
    madv_dontfork: bool = False,
    driver: Driver = Driver.OTHER,
    pages: int = 1,
    frames: int = 0,
    children: int = 1,
) -> Model:
    """The parent pins a page and forks, waits for the child to exit, then stores; the device writes, or reads.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        gup: the reference that the driver takes, pin (FOLL_PIN, from v5.6) or get (FOLL_GET)
        access: what the device does with the page, write or read; the page is pinned for that
        pin: before_fork or after_fork
        child: exits (the parent waits for that) or stays
        madv_dontfork: the page is kept out of the child
        driver: of a device that reads, rdma (which asks for write access up to v6.1, rule umem_force) or other
        pages: pages that are pinned, 1 or more
        frames: page frames of the machine; 0: as many as can be in use at once
        children: how often the parent forks, 1 or 2
    """
    if pages < 1:
        raise UsageError(f"pages must be 1 or more, not {pages}")
    if frames < 0 or 0 < frames < pages:
        raise UsageError(f"frames must be 0 (enough) or at least the {pages} that are pinned, not {frames}")
    m = Model()
    memory = parent_memory(m, frames or pages * (2 + children), pages, kernel, children=children)
    StoreHistory(m, memory)
    parent, *born = memory.processes
    parent_cpu, *_ = memory.cpus
    forks = tuple(ForkCall(m, memory, parent, process) for process in born)
    kind = ReadOnlyRegion if access is Dma.READ and driver is Driver.RDMA else UserPages
    region = kind(m, "region", memory, parent, gup, write=access is Dma.WRITE)
    writing = Device(m, memory, DeviceKind.HCA, region, Value.DEVICE, Writer.DEVICE) if access is Dma.WRITE else None
    reading = ReadingDevice(m, memory, DeviceKind.HCA, region) if access is Dma.READ else None
    device = writing or reading
    assert device is not None

    @m.thread("parent")
    async def run_parent() -> None:
        if madv_dontfork:
            for page in memory.pages:
                await madvise_dontfork(memory, parent, page)
        if pin is Pin.BEFORE_FORK:
            await device.ib_umem_get(False)
        for fork in forks:
            await fork.dup_mmap()
        if pin is Pin.AFTER_FORK:
            await device.ib_umem_get(False)
        if child is Child.EXITS:
            await step("do_wait", when=lambda: all(t.finished for t in lives))
        for page in memory.pages:
            await store(memory, parent_cpu, page, Half.HIGH, Value.PARENT, Writer.PARENT)
        await device.ib_umem_release()

    def life(process: Enum) -> Threads:
        @m.thread(process.value)
        async def run_child() -> None:
            await step("ret_from_fork", when=lambda: memory.running[process])
            if child is Child.EXITS:
                await exit_mm(memory, process)

        return run_child

    lives = tuple(life(process) for process in born)

    @m.thread("hca", fairness="weak")
    async def run_device() -> None:
        if writing is not None:
            await writing.dma_write()
        if reading is not None:
            await reading.dma_read()

    if writing is not None:
        m.require(pinned_page_stays(memory, writing))
        pin_lemmas(m, memory, writing)
    if reading is not None:
        m.require(pinned_page_stays_read(memory, reading))
    m.reachable("pinned_and_child_gone", lambda: device.programmed and all(t.finished for t in lives))
    m.reachable("all_done", lambda: run_parent.finished and device.completed)
    m.scope = f"order-0 anonymous pages; {1 + children} processes, {pages} page{'s' * (pages > 1)}"
    return m
