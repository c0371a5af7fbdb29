"""KSM merges a page while a device is about to read it.

The device's page is replaced by the one it was found equal to, and the device goes on reading the old one. A page with other
references is not merged; GUP-fast takes its reference without a lock, and must see that the page is no longer exclusive.

| kernel | step | abstracted away |
|---|---|---|
| mprotect_fixup() | down_write(); the entry; the flush | |
| internal_get_user_pages_fast() | one for each access to what others change | interrupts off |
| ksm_madvise() | down_write() | |
| cmp_and_merge_page() | look at each page; write_protect_page() of each: two; replace_page(); break_cow() | trees, checksums |
| do_user_addr_fault(), do_wp_page() | those of a store that faults | |
| the device | one DMA read, or one DMA write; completion | |

Sources: v5.10, v6.1, v6.12 mm/ksm.c, v6.8 include/linux/rmap.h; commits 6c287605fd56, a7f226604170 (v5.19), 088b8aa537c2 (v6.1).
"""

from __future__ import annotations

from explorer.language import Model, Range
from explorer.models.linux.access import store
from explorer.models.linux.devices import Device, DeviceKind, Dma, ReadingDevice
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import V5_19, V6_1, Kernel
from explorer.models.linux.ksm import ksm_merge
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.protect import madvise_mergeable, mprotect
from explorer.models.linux.stores import StoreHistory
from explorer.properties.pinned_page_stays_read import pinned_page_stays_read

FIXED: dict[str, object] = {"kernel": V6_1}


def ksm_pin(
    *,
    kernel: Kernel = V5_19,
    gup: Gup = Gup.PIN,
    access: Dma = Dma.READ,
    read_only: bool = True,
    stores: bool = False,
    pinned_first: bool = False,
) -> Model:
    """A process has two equal pages that may be merged; a device reads, or writes, the second one.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        gup: the reference that the driver takes, pin (FOLL_PIN) or get (FOLL_GET)
        access: what the device does with the page, read or write; it is pinned for that
        read_only: the page was write-protected by mprotect() before it is pinned; no effect on access=write
        stores: the process makes it writable again, if need be, and stores to it when it is pinned
        pinned_first: the page that stays after a merge is the pinned one
    """
    m = Model()
    memory = parent_memory(m, 4, 2, kernel, parent_threads=2, background=True, migrates=False, moves=False)
    StoreHistory(m, memory)
    pinned, other = (0, 1) if pinned_first else (1, 0)
    protects = read_only and access is Dma.READ
    region = UserPages(m, "region", memory, Process.PARENT, gup, pages=Range(pinned, pinned), write=access is Dma.WRITE)
    half = (Half.LOW,)
    reading = ReadingDevice(m, memory, DeviceKind.HCA, region, bytes=half) if access is Dma.READ else None
    writing = None
    if access is Dma.WRITE:
        writing = Device(m, memory, DeviceKind.HCA, region, Value.DEVICE, Writer.DEVICE, bytes=half)
    device = reading or writing
    assert device is not None
    kept, dropped = (pinned, other) if pinned_first else (other, pinned)

    stored = Half.LOW if access is Dma.READ else Half.HIGH

    @m.thread("parent")
    async def run_parent() -> None:
        for page in memory.pages:
            await madvise_mergeable(memory, Process.PARENT, page)
        if protects:
            await mprotect(memory, Process.PARENT, pinned, False)
        await device.ib_umem_get(True)
        if stores:
            if protects:
                await mprotect(memory, Process.PARENT, pinned, True)
            await store(memory, Cpu.PARENT, pinned, stored, Value.PARENT, Writer.PARENT)
        await device.ib_umem_release()

    @m.thread("ksmd")
    async def run_ksmd() -> None:
        await ksm_merge(memory, Process.PARENT, kept, Process.PARENT, dropped)

    @m.thread("hca", fairness="weak")
    async def run_device() -> None:
        if reading is not None:
            await reading.dma_read()
        if writing is not None:
            await writing.dma_write()

    if reading is not None:
        m.require(pinned_page_stays_read(memory, reading))
    for name in ("fork_content", "fork_isolation_cpu", "fork_isolation_dma", "child_usable"):
        m.excludes[name] = "nobody forks"
    m.reachable(
        "merged",
        lambda: (
            memory.mapped(Process.PARENT, 0) is not None
            and memory.mapped(Process.PARENT, 0) == memory.mapped(Process.PARENT, 1)
        ),
    )
    m.reachable("pinned", lambda: device.programmed)
    m.reachable("all_done", lambda: run_parent.finished and run_ksmd.finished)
    m.scope = "order-0 anonymous pages; 1 process, 2 pages"
    return m
