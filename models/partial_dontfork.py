"""MADV_DONTFORK of a registered buffer takes what else lies on its page from the child.

"a = malloc(1024); b = malloc(1024)": a library that registers `a` advises MADV_DONTFORK, which covers whole pages; the child
"would be very surprised that 'b' was not mapped into the fork" (J. Gunthorpe, 2020-09-18).

| kernel | step | abstracted away |
|---|---|---|
| madvise_behavior() | down_write(): the flags of the page's VMA | splitting and merging VMAs |
| ib_umem_get() | those of slow GUP | |
| dup_mmap(), copy_page_range() | those of fork | |
| do_user_addr_fault() | those of a load or store that faults; SIGSEGV | |
| the device | one DMA write of the buffer; completion | |

Sources: commits f822566165dd (v2.6.16), d2cd9ede6e19 (v4.14), 70e806e4e645 (v5.9), 6cc9e215eb27 (v5.13); J. Gunthorpe,
"mm: Trial do_wp_page() simplification", 2020-09-18.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Range, step
from explorer.models.linux.access import load, store
from explorer.models.linux.devices import Device, DeviceKind
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import V4_19, V6_18, Kernel
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.protect import madvise_dontfork, madvise_wipeonfork
from explorer.models.linux.stores import StoreHistory
from explorer.properties.child_usable import child_usable

FIXED: dict[str, object] = {"kernel": V6_18}


class Advice(Enum):
    """LIBRARY: MADV_DONTFORK, unless the kernel says that fork copies pinned pages (rule copy_on_fork)."""

    LIBRARY = "library"
    DONTFORK = "dontfork"
    WIPEONFORK = "wipeonfork"
    NONE = "none"


def partial_dontfork(*, kernel: Kernel = V4_19, madvise: Advice = Advice.LIBRARY, same_page: bool = True) -> Model:
    """A registered buffer and another object; the parent forks and stores to the object, the child reads and stores to it.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        madvise: what is advised of the buffer, library (as its kernel asks for), dontfork, wipeonfork or none
        same_page: the object lies on the buffer's page
    """
    m = Model()
    pages = 1 if same_page else 2
    other = pages - 1
    memory = parent_memory(m, 3 * pages, pages, kernel)
    history = StoreHistory(m, memory)
    fork = ForkCall(m, memory, Process.PARENT, Process.CHILD)
    region = UserPages(m, "region", memory, Process.PARENT, Gup.PIN, pages=Range(0, 0))
    hca = Device(m, memory, DeviceKind.HCA, region, Value.DEVICE, Writer.DEVICE, bytes=(Half.LOW,))

    @m.thread("parent")
    async def run_parent() -> None:
        if madvise is Advice.WIPEONFORK:
            await madvise_wipeonfork(memory, Process.PARENT, 0)
        if madvise is Advice.DONTFORK or (madvise is Advice.LIBRARY and not kernel.copy_on_fork):
            await madvise_dontfork(memory, Process.PARENT, 0)
        await hca.ib_umem_get(False)
        await fork.dup_mmap()
        await store(memory, Cpu.PARENT, other, Half.HIGH, Value.PARENT, Writer.PARENT)
        await hca.ib_umem_release()

    @m.thread("child")
    async def run_child() -> None:
        await step("ret_from_fork", when=lambda: memory.running[Process.CHILD])
        await load(memory, Cpu.CHILD, other)
        if not memory.sigsegv[Process.CHILD]:
            await store(memory, Cpu.CHILD, other, Half.HIGH, Value.CHILD, Writer.CHILD)

    @m.thread("hca", fairness="weak")
    async def run_device() -> None:
        await hca.dma_write()

    m.require(child_usable(memory, history))
    m.reachable("forked_while_registered", lambda: hca.programmed and memory.running[Process.CHILD])
    m.reachable("all_done", lambda: run_parent.finished and run_child.finished)
    m.scope = f"order-0 anonymous pages; 2 processes, {pages} page{'s' * (pages > 1)}"
    return m
