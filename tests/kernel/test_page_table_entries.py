"""Who moves, copies or changes page table entries, and every kind of entry that there may be then.

The judges of mutants (tests/mutants) are the functions without a parameter: what the shipped routines do is right.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from enum import Enum
from typing import Any

import pytest

from explorer import Model, Scalarset, Verdict, check, step
from explorer.answer import catalogue
from explorer.answer.checking import select
from explorer.models.linux import migrate, protect, swap
from explorer.models.linux.access import load, store
from explorer.models.linux.kernels import V4_15, V6_18, Kernel
from explorer.models.linux.memory import Entry, Frame, Memory, MigrationEntry, Pte, SwapEntry, entry_text
from explorer.models.linux.page_cache import Filesystem, PageCache
from explorer.models.linux.parent_child import RUNS, Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.routines import KERNEL, Routines
from explorer.models.linux.shape import AtStart, Data, Files, FileVmas, Tasks
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.swap_slots import Swap
from explorer.models.linux.writeback import reclaim_file_page

WHERE, ASSERTED = "stored_is_somewhere", "assertions"
PARENT, OLD_PAGE, NEW_PAGE = Process.PARENT, 0, 1


class By(Enum):
    """How the kernel takes a page away."""

    RECLAIM = "reclaim"
    MIGRATION = "migration"


def moved(by: By, kernel: Kernel = V6_18, *, loads: bool = True, routines: Routines = KERNEL) -> Model:
    """A process moves a page, and perhaps reads it, while the kernel takes it away."""
    m = Model()
    migrates = by is By.MIGRATION
    memory = parent_memory(
        m, 2, 2, kernel, parent_threads=2, background=True, migrates=migrates, unmapped=1, routines=routines
    )
    if by is By.RECLAIM:
        Swap(m, memory, 1)
    StoreHistory(m, memory)

    @m.thread("user")
    async def user() -> None:
        await protect.mremap(memory, PARENT, OLD_PAGE, NEW_PAGE)
        if loads:
            await reads(memory, Value.OLD)

    taken_away(m, memory, by)
    return m


async def reads(memory: Memory, value: Value) -> None:
    """The moved page has the value."""
    frame = await load(memory, Cpu.PARENT, NEW_PAGE)
    assert frame is not None, "the moved page reads as zero"
    assert memory.data[frame, Half.LOW] == value, "the moved page has lost its content"


def taken_away(m: Model, memory: Memory, by: By) -> None:
    @m.thread("kernel")
    async def kernel() -> None:
        if by is By.RECLAIM:
            await swap.reclaim_page(memory, OLD_PAGE)
        else:
            await migrate.migrate_page(memory, OLD_PAGE)


def stays(by: By, kernel: Kernel = V6_18, *, routines: Routines = KERNEL) -> Model:
    """The kernel takes a page away to which a process stores."""
    m = Model()
    migrates = by is By.MIGRATION
    memory = parent_memory(m, 3, 1, kernel, parent_threads=2, background=True, migrates=migrates, routines=routines)
    if by is By.RECLAIM:
        Swap(m, memory, 1)
    StoreHistory(m, memory)

    @m.thread("user")
    async def user() -> None:
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)

    taken_away(m, memory, by)
    return m


class File(Enum):
    FILE = "file"


Mremap = Callable[[Memory, Enum, int, int], Coroutine[Any, Any, None]]


def file_moved(*, shared: bool, stores: bool, kernel: Kernel = V6_18, mremap: Mremap = protect.mremap) -> Model:
    """A process moves a page of a file, which it has perhaps stored to, while the kernel takes the file's page away."""
    m = Model()
    memory = Memory(
        m,
        kernel,
        frames=Scalarset(Frame, 3),
        pages=2,
        tasks=Tasks(processes=Process, cpus=Cpu, runs=RUNS, running=(PARENT,), readers=2),
        data=Data(bytes=Half, values=Value, old=lambda number, half: Value.OLD),
        start=AtStart(
            vma=lambda process, page: process is PARENT and page == OLD_PAGE,
            frame=lambda process, page: None,
            cached=(0,),
        ),
    )
    cache = PageCache(
        m,
        memory,
        Files(
            pages=(File.FILE,),
            filesystem=lambda file: Filesystem.DELALLOC,
            cached=(0,),
            content=lambda i, half: Value.OLD,
        ),
        FileVmas(
            vm_page=lambda process, page: 0 if process is PARENT and page == OLD_PAGE else None,
            shared=lambda process, page: shared and process is PARENT and page == OLD_PAGE,
        ),
    )
    StoreHistory(m, memory)

    @m.thread("user")
    async def user() -> None:
        if stores:
            await store(memory, Cpu.PARENT, OLD_PAGE, Half.LOW, Value.PARENT, Writer.PARENT)
        await mremap(memory, PARENT, OLD_PAGE, NEW_PAGE)
        await reads(memory, Value.PARENT if stores else Value.OLD)

    @m.thread("kernel")
    async def run_kernel() -> None:
        await reclaim_file_page(cache, 0)

    return m


async def forgetful_move_ptes(memory: Memory, process: Enum, old: int, new: int) -> None:
    """Leaves behind what is not present, and says that it has moved the page."""
    await step("move_ptes", when=lambda: memory.pte_unlocked(process, old) and memory.pte_unlocked(process, new))
    entry = memory.pte[process, old]
    if isinstance(entry, Pte):
        memory.set_pte_at(process, new, memory.ptep_get_and_clear(process, old))
        memory.flush_tlb_page(process, old)
    memory.history.moved(process, old, new)


FORGETFUL = replace(KERNEL, move_ptes=forgetful_move_ptes)


async def mremap_without_file(memory: Memory, process: Enum, old: int, new: int) -> None:
    """Leaves behind which page of the file the VMA maps."""
    async with memory.mmap_lock(process).write:
        memory.vma[process, new], memory.vm_write[process, new] = True, memory.vm_write[process, old]
        await step("move_ptes", when=lambda: memory.pte_unlocked(process, old) and memory.pte_unlocked(process, new))
        memory.set_pte_at(process, new, memory.ptep_get_and_clear(process, old))
        memory.flush_tlb_page(process, old)
        memory.history.moved(process, old, new)
        memory.vma[process, old] = False


def moved_unflushed() -> Model:
    """A CPU stores by its TLB to a page that has moved already; up to v4.18 the flush comes a step later."""
    m = Model()
    memory = parent_memory(
        m, 1, 2, V4_15, warm=(Cpu.THREAD2,), parent_threads=2, background=True, migrates=False, unmapped=1
    )
    StoreHistory(m, memory)

    @m.thread("user")
    async def user() -> None:
        await protect.mremap(memory, PARENT, OLD_PAGE, NEW_PAGE)

    @m.thread("stores")
    async def stores() -> None:
        await store(memory, Cpu.THREAD2, OLD_PAGE, Half.LOW, Value.THREAD2, Writer.PARENT)

    m.reachable(
        "stored_after_the_move", lambda: stores.finished and memory.pte_none(PARENT, OLD_PAGE) and not user.finished
    )
    return m


def given_up() -> Model:
    """A CPU stores by its TLB to a page that MADV_DONTNEED has taken away and not flushed yet: it may go with it."""
    m = Model()
    memory = parent_memory(m, 1, 1, V6_18, warm=(Cpu.THREAD2,), parent_threads=2, deferred=True, bits=())
    StoreHistory(m, memory)

    @m.thread("user")
    async def user() -> None:
        await protect.madvise_dontneed(memory, PARENT, 0)

    @m.thread("stores")
    async def stores() -> None:
        await store(memory, Cpu.THREAD2, 0, Half.LOW, Value.THREAD2, Writer.PARENT)

    m.reachable("stored_meanwhile", lambda: stores.finished and memory.pte_none(PARENT, 0) and not user.finished)
    return m


def violated(m: Model, *, first: bool = False) -> dict[str, int | None]:
    """What is violated, and at which depth."""
    result = check(m, properties=[WHERE, ASSERTED, "deadlock_freedom"], engine="evaluator", first=first)
    assert result.complete or first
    return {p.name: p.depth for p in result.violated}


def moves_by_migration_lose_nothing() -> None:
    assert not violated(moved(By.MIGRATION, loads=False), first=True)


def moves_by_reclaim_lose_nothing() -> None:
    assert not violated(moved(By.RECLAIM, loads=False), first=True)


def migration_loses_nothing() -> None:
    assert not violated(stays(By.MIGRATION), first=True)


def reclaim_loses_nothing() -> None:
    assert not violated(stays(By.RECLAIM), first=True)


def moves_of_files_lose_nothing() -> None:
    assert not violated(file_moved(shared=True, stores=False), first=True)


def stores_by_a_tlb_come_before_the_move() -> None:
    assert not violated(moved_unflushed(), first=True)


def stores_to_what_is_given_up_may_go() -> None:
    assert not violated(given_up(), first=True)


def with_fault(owner: object, name: str, fault: object, m: Callable[[], Model]) -> dict[str, int | None]:
    """What is violated, first, of a model with a faulty routine: the judge of a mutant has no fixture for that."""
    right = getattr(owner, name)
    setattr(owner, name, fault)
    try:
        return violated(m(), first=True)
    finally:
        setattr(owner, name, right)


def forgotten(by: By) -> dict[str, int | None]:
    return violated(moved(by, loads=False, routines=FORGETFUL), first=True)


def nothing(*given: object) -> None:
    """The routine is left out."""


def forgotten_migration_entries_are_noticed() -> None:
    assert forgotten(By.MIGRATION) == {WHERE: 5}


def forgotten_swap_entries_are_noticed() -> None:
    assert forgotten(By.RECLAIM) == {WHERE: 6}


def dropped_slots_are_noticed() -> None:
    """The swap entry is there and the slot has the page, but whoever needs a slot may take it."""
    assert WHERE in with_fault(Swap, "swap_duplicate", nothing, lambda: stays(By.RECLAIM))


def uncopied_pages_are_noticed() -> None:
    assert WHERE in with_fault(Memory, "copy_user_highpage", nothing, lambda: stays(By.MIGRATION))


def left_migration_entries_are_noticed() -> None:
    """A migration entry that is never taken back names a page that is free."""

    async def never_removed(memory: Memory, process: Enum, page: int, old: Frame, target: Frame) -> None:
        await step("remove_migration_pte")

    routines = replace(KERNEL, remove_migration_pte=never_removed)
    assert WHERE in violated(stays(By.MIGRATION, routines=routines), first=True)


def forgotten_entries_are_noticed() -> None:
    """A migration that clears the entry and sets no migration entry: whatever it sets afterwards."""

    def clears(memory: Memory, process: Enum, page: int, entry: Entry | None) -> None:
        memory.pte[process, page] = None if isinstance(entry, MigrationEntry) else entry

    assert WHERE in with_fault(Memory, "set_pte_at", clears, lambda: stays(By.MIGRATION))


@pytest.mark.parametrize(("by", "kernel"), [(By.MIGRATION, V6_18), (By.RECLAIM, V6_18), (By.RECLAIM, V4_15)])
def test_mremap_moves_every_kind(by: By, kernel: Kernel) -> None:
    """The page is where it was moved, whatever its entry was meanwhile."""
    assert violated(moved(by, kernel)) == {}


@pytest.mark.parametrize("by", By)
def test_pages_that_stay(by: By) -> None:
    assert violated(stays(by)) == {}


def test_a_store_before_the_flush() -> None:
    result = check(moved_unflushed(), engine="evaluator")
    assert result.complete and not result.violated
    assert result["stored_after_the_move"].verdict is Verdict.REACHED
    stores_by_a_tlb_come_before_the_move()


def test_a_store_to_what_is_given_up() -> None:
    result = check(given_up(), engine="evaluator")
    assert result.complete and not result.violated
    assert result["stored_meanwhile"].verdict is Verdict.REACHED
    stores_to_what_is_given_up_may_go()


def test_reclaim_and_migration_that_forget() -> None:
    dropped_slots_are_noticed()
    uncopied_pages_are_noticed()
    forgotten_entries_are_noticed()
    left_migration_entries_are_noticed()


def test_a_move_that_forgets_migration_entries() -> None:
    """The check that every model carries finds it."""
    forgotten_migration_entries_are_noticed()


def test_a_move_that_forgets_swap_entries() -> None:
    """So does who reads the page."""
    forgotten_swap_entries_are_noticed()
    assert violated(moved(By.RECLAIM, routines=FORGETFUL)).keys() == {WHERE, ASSERTED}


@pytest.mark.parametrize("stores", [False, True], ids=["loaded", "stored"])
@pytest.mark.parametrize("shared", [False, True], ids=["private", "shared"])
def test_mremap_of_a_page_of_a_file(shared: bool, stores: bool) -> None:
    """In the page cache, or a copy of its own: the moved page has it, and goes on being the file's."""
    assert violated(file_moved(shared=shared, stores=stores)) == {}


@pytest.mark.parametrize("shared", [False, True], ids=["private", "shared"])
def test_a_move_that_forgets_the_file(shared: bool) -> None:
    """A private copy goes along in its entry; what is only in the file is lost."""
    assert ASSERTED in violated(file_moved(shared=shared, stores=False, mremap=mremap_without_file))
    found = violated(file_moved(shared=shared, stores=True, mremap=mremap_without_file))
    assert found.keys() == ({WHERE, ASSERTED} if shared else set())


def test_every_model_of_private_memory_asks() -> None:
    """Where no file is mapped, what is stored is the process's own. `dirty_cow` drops its copy of a file's page on purpose."""
    asked = set()
    for name in catalogue.shipped_files("models"):
        m = catalogue.load(name)()
        memories = [part for part in m.parts.values() if isinstance(part, Memory)]
        if any(not memory.cache.maps_files() for memory in memories):
            assert WHERE in {claim.name for claim in select(m, None)[0]}, name
            assert WHERE not in m.excludes, name
            asked.add(name)
    assert len(asked) == 13, asked


@pytest.mark.parametrize(
    "kind, text", [(SwapEntry, "swap slot 0"), (MigrationEntry, "migration entry, writable"), (None, "none")]
)
def test_text_of_a_kind(kind: type | None, text: str) -> None:
    """What a picture says of an entry."""
    m = Model()
    memory = parent_memory(m, 1, 1, V6_18)
    slots = Swap(m, memory, 1).slots.values()
    entries: dict[type | None, Entry | None] = {
        SwapEntry: SwapEntry(slots[0], True),
        MigrationEntry: MigrationEntry(memory.frames.values()[0], True, True),
        None: None,
    }
    assert entry_text(entries[kind]) == text
