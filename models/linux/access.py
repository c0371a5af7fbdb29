"""Loads and stores of a CPU, and what they do where the page is absent or write-protected."""

from __future__ import annotations

from enum import Enum

from explorer.language import step
from explorer.models.linux.faults import handle_mm_fault
from explorer.models.linux.memory import Access, Frame, Memory


async def load(memory: Memory, cpu: Enum, page: int) -> Frame | None:
    """The CPU reads the page: the frame that it reads from. None: nothing is there, which reads as zero, or it faults fatally."""
    process = memory.process_of(cpu)
    while True:
        await step(f"load page {page}")
        frame = memory.translate(cpu, page, False)
        if frame is not None:
            break
        if not memory.demand_paging() and memory.pte_none(process, page):
            if not memory.find_vma(process, page):
                memory.sigsegv[process] = True
                return None
            break
        served = await do_user_addr_fault(memory, process, page, Access.READ)
        if not served:
            return None
    for byte in memory.bytes:
        value = memory.zero if frame is None else memory.data[frame, byte]
        memory.history.read(process, page, byte, value)
    return frame


async def store(memory: Memory, cpu: Enum, page: int, byte: Enum, value: Enum, writer: Enum) -> None:
    """The CPU writes one byte of the page, after as many page faults as it takes."""
    process = memory.process_of(cpu)
    while True:
        await step(f"store to page {page}")
        frame = memory.translate(cpu, page, True)
        if frame is not None:
            memory.cache.stored(process, page)
            memory.write_data(frame, byte, value, writer)
            memory.history.page_written(page, byte, writer)
            memory.history.stored(process, page, byte, value, frame)
            return
        served = await do_user_addr_fault(memory, process, page, Access.WRITE)
        if not served:
            return


async def do_user_addr_fault(memory: Memory, process: Enum, page: int, access: Access) -> bool:
    """arch/x86/mm/fault.c:do_user_addr_fault(): a fault of the user's. False: SIGSEGV or SIGBUS."""
    lock = memory.mmap_lock(process)
    if memory.kernel.per_vma_locks and not memory.kernel.vma_start_write:
        await step("lock_vma_under_rcu", when=lambda: not lock.writer or fork_in_progress(memory))
        lock.readers += 1
        served = await fault_in_vma(memory, process, page, access)
        lock.readers -= 1
        return served
    async with lock.read:
        served = await fault_in_vma(memory, process, page, access)
    return served


async def fault_in_vma(memory: Memory, process: Enum, page: int, access: Access) -> bool:
    """arch/x86/mm/fault.c:do_user_addr_fault(): with mmap_lock, or the lock of the VMA, held for reading."""
    if not memory.find_vma(process, page):
        memory.sigsegv[process] = True
        return False
    if access_error(memory, process, page, access):
        memory.sigsegv[process] = True
        return False
    served = await handle_mm_fault(memory, process, page, access)
    if not served:
        memory.cache.force_sigbus(process)
    return served


def access_error(memory: Memory, process: Enum, page: int, access: Access) -> bool:
    """arch/x86/mm/fault.c:access_error()"""
    return access is Access.WRITE and not memory.vm_write[process, page]


def fork_in_progress(memory: Memory) -> bool:
    """mmap_lock is held by fork: there is a child that does not run yet. Others lock VMAs too when they hold it for write."""
    return any(
        memory.vma[process, page] and not memory.running[process]
        for process in memory.processes
        for page in memory.pages
    )
