"""fork() beside a device that holds no pages: the story of the models whose devices follow the page table."""

from __future__ import annotations

from explorer.language import Model, step
from explorer.models.linux.access import load, store
from explorer.models.linux.devices import Dma
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.memory import Memory
from explorer.models.linux.odp import OdpDevice
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.sva import SvaDevice


def one_page(m: Model, kernel: Kernel) -> Memory:
    """The memory of the parent and the child, for two threads of the parent and the device's faults."""
    return parent_memory(m, 4, 1, kernel, parent_threads=3)


def fork_beside(m: Model, memory: Memory, device: OdpDevice | SvaDevice, lane: str, access: Dma, thread2: bool) -> None:
    """The parent forks and stores to a half of the page; the child loads and stores; the device, in its lane, accesses both
    halves. `thread2`: a second thread of the parent stores to the other half, at any time."""
    history = StoreHistory(m, memory)
    fork = ForkCall(m, memory, Process.PARENT, Process.CHILD)

    @m.thread("parent")
    async def run_parent() -> None:
        await fork.dup_mmap()
        await store(memory, Cpu.PARENT, 0, Half.HIGH, Value.PARENT, Writer.PARENT)

    if thread2:

        @m.thread("thread2")
        async def run_thread2() -> None:
            await store(memory, Cpu.THREAD2, 0, Half.LOW, Value.THREAD2, Writer.PARENT)

    @m.thread("child")
    async def run_child() -> None:
        await step("ret_from_fork", when=lambda: memory.running[Process.CHILD])
        await load(memory, Cpu.CHILD, 0)
        await store(memory, Cpu.CHILD, 0, Half.HIGH, Value.CHILD, Writer.CHILD)

    @m.thread(lane, fairness="weak")
    async def run_device() -> None:
        await device.dma()

    if access is Dma.WRITE:
        m.reachable("writes_before_fork", lambda: history.had_in_fork[0, (Half.LOW, Value.DEVICE)])
        m.reachable("writes_after_fork", lambda: history.written_since_fork_by(Writer.DEVICE))
    m.reachable("all_done", lambda: run_parent.finished and run_child.finished and device.completed)
    m.scope = "order-0 anonymous pages; 2 processes, 1 page"
