"""Loads and stores of a CPU, and what they do where the page is absent or write-protected."""

from __future__ import annotations

from enum import Enum

from explorer.language import step
from explorer.models.linux.faults import handle_mm_fault
from explorer.models.linux.memory import Access, Frame, Memory


async def load(mm: Memory, cpu: Enum, page: int) -> Frame | None:
    """The CPU reads the page: the frame that it reads from. None: nothing is there, which reads as zero, or it faults fatally."""
    process = mm.process_of(cpu)
    while True:
        await step(f"load page {page}")
        frame = mm.translate(cpu, page, False)
        if frame is not None:
            break
        if not mm.demand_paging() and mm.pte_none(process, page):
            if not mm.find_vma(process, page):
                mm.sigsegv[process] = True
                return None
            break
        served = await do_user_addr_fault(mm, process, page, Access.READ)
        if not served:
            return None
    for byte in mm.bytes:
        value = mm.zero if frame is None else mm.data[frame, byte]
        mm.history.read(process, page, byte, value)
    return frame


async def store(mm: Memory, cpu: Enum, page: int, byte: Enum, value: Enum, writer: Enum) -> None:
    """The CPU writes one byte of the page, after as many page faults as it takes."""
    process = mm.process_of(cpu)
    while True:
        await step(f"store to page {page}")
        frame = mm.translate(cpu, page, True)
        if frame is not None:
            mm.cache.stored(process, page)
            mm.write_data(frame, byte, value, writer)
            mm.history.page_written(page, byte, writer)
            mm.history.stored(process, page, byte, value, frame)
            return
        served = await do_user_addr_fault(mm, process, page, Access.WRITE)
        if not served:
            return


async def do_user_addr_fault(mm: Memory, process: Enum, page: int, access: Access) -> bool:
    """arch/x86/mm/fault.c:do_user_addr_fault(): a fault of the user's. False: SIGSEGV or SIGBUS."""
    lock = mm.mmap_lock(process)
    if mm.kernel.per_vma_locks and not mm.kernel.vma_start_write:
        await step("lock_vma_under_rcu", when=lambda: not lock.writer or fork_in_progress(mm))
        lock.readers += 1
        served = await fault_in_vma(mm, process, page, access)
        lock.readers -= 1
        return served
    async with lock.read:
        served = await fault_in_vma(mm, process, page, access)
    return served


async def fault_in_vma(mm: Memory, process: Enum, page: int, access: Access) -> bool:
    """arch/x86/mm/fault.c:do_user_addr_fault(): with mmap_lock, or the lock of the VMA, held for reading."""
    if not mm.find_vma(process, page):
        mm.sigsegv[process] = True
        return False
    if access_error(mm, process, page, access):
        mm.sigsegv[process] = True
        return False
    served = await handle_mm_fault(mm, process, page, access)
    if not served:
        mm.cache.force_sigbus(process)
    return served


def access_error(mm: Memory, process: Enum, page: int, access: Access) -> bool:
    """arch/x86/mm/fault.c:access_error()"""
    return access is Access.WRITE and not mm.vm_write[process, page]


def fork_in_progress(mm: Memory) -> bool:
    """mmap_lock is held by fork: there is a child that does not run yet. Others lock VMAs too when they hold it for write."""
    return any(mm.vma[process, page] and not mm.running[process] for process in mm.processes for page in mm.pages)
