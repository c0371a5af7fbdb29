"""Who acts in a litmus test: each column does its lines, one after the other, on the same parts as the models.

| litmus | here | abstracted away |
|---|---|---|
| pin, get | get_user_pages() or get_user_pages_fast() of one page | FOLL_FORCE |
| vmsplice | GUP-fast of FOLL_GET for reading; one pipe for all | what else a pipe holds |
| o_direct_read, o_direct_write | GUP-fast of what the kernel's direct I/O takes; submitted at once | the block layer |
| dma_write, dma_read | one step; then, of direct I/O, the completion | other bytes of the page |
| the same, of a device with ODP or SVA | a look-up or a walk, with page faults of the device; the transfer | registration |
| exit, SIGSEGV | exit_mm() by the last thread of the process | files and pipes are not closed: references stay |
| wait | until the child has exited, or has nothing more to do | |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.language import Array, Model, Part, Range, array, optional, step
from explorer.models.linux.access import load, store
from explorer.models.linux.errno import Errno
from explorer.models.linux.filemap import mmap_file
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.gup import UserPages
from explorer.models.linux.ksm import ksm_merge
from explorer.models.linux.litmus_history import Seen
from explorer.models.linux.memory import Frame, Memory
from explorer.models.linux.migrate import migrate_page
from explorer.models.linux.odp import OdpDevice
from explorer.models.linux.page_cache import PageCache, page_cache_of
from explorer.models.linux.protect import (
    clear_refs,
    madvise_dontfork,
    madvise_dontneed,
    madvise_mergeable,
    madvise_pageout,
    madvise_wipeonfork,
    mprotect,
    munmap,
)
from explorer.models.linux.sva import SvaDevice
from explorer.models.linux.swap import reclaim_page
from explorer.models.linux.swap_slots import Swap
from explorer.models.linux.truncate import extend, truncate
from explorer.models.linux.unmap import exit_mm
from explorer.models.linux.writeback import (
    fsync,
    msync,
    reclaim_file_page,
    set_page_dirty_lock,
    write_cache_page,
)


@dataclass(frozen=True, eq=False)
class Reference:
    """What a line takes: `number`, its position among those of the test; `location`: the byte that it is about.

    `device`: the only device that may use it, "" for any. `verb`: the operation that takes it. `marks`: it is of a read by a
    block device into a mapping of a file, which marks pages dirty.
    """

    number: int
    verb: str
    location: str
    process: Enum
    page: int
    byte: Enum
    device: str
    pages: UserPages
    marks: bool


@dataclass(frozen=True, eq=False)
class Task:
    """A line, with all names looked up.

    `waits`: it has to look whether it may start: its process runs, and of the columns in `needs` so many lines have
    returned. `may_end`: its process may be dying afterwards. `candidates`: the references that a device or a release may
    use.
    """

    verb: str
    advice: str
    words: frozenset[str]
    waits: bool
    needs: tuple[tuple[Enum, int], ...]
    may_end: bool
    page: int
    other: int
    byte: Enum
    value: Enum
    register: Enum | None
    target: Enum | None
    fork: ForkCall | None
    reference: Reference | None
    candidates: tuple[Reference, ...]
    file: Enum | None
    file_page: int
    in_file: bool  # the location is a page of a file
    number: int
    odp: OdpDevice | None  # of a device that goes by translations of its own
    sva: SvaDevice | None  # of one that goes by the process's page table

    def __str__(self) -> str:
        return self.verb


class References(Part):
    """The references that lines have taken. `since`: when it was, counted among those that live; 0: it does not."""

    def __init__(self, m: Model, memory: Memory, seen: Seen, number: int) -> None:
        super().__init__(m, "references")
        self.memory, self.seen, self.all = memory, seen, Range(0, max(number - 1, 0))
        self.since = array(self.all, Range(0, number), lambda i: 0)

    def take(self, reference: Reference) -> None:
        """Note the page that GUP gave, if it gave one."""
        frame = reference.pages.frame[reference.page]
        if frame is not None:
            self.since[reference.number] = 1 + max(self.since[i] for i in self.all)
            self.seen.referenced(reference.process, reference.page, frame)

    def release(self, reference: Reference) -> None:
        self.since[reference.number] = 0
        reference.pages.unpin_user_pages(reference.pages.end)

    def lives(self, reference: Reference) -> bool:
        return self.since[reference.number] > 0

    def newest(self, reference: Reference, among: tuple[Reference, ...]) -> bool:
        """It lives, and all of the others that do are older."""
        since = self.since[reference.number]
        return since > 0 and all(self.since[other.number] <= since for other in among)

    def oldest(self, reference: Reference, among: tuple[Reference, ...]) -> bool:
        """It lives, and all of the others that do are newer."""
        since = self.since[reference.number]
        return since > 0 and all(self.since[o.number] == 0 or self.since[o.number] >= since for o in among)


class Progress(Part):
    """How far everybody is. `returned`: lines; only of an ordered test, whose columns have up to `rows`. `gone`: a
    thread that does nothing more (`idle`: from the start).

    `exiting`: the process has called exit. `held`: the registers.
    """

    def __init__(self, m: Model, memory: Memory, columns: type[Enum], rows: int, idle: tuple[Enum, ...]) -> None:
        super().__init__(m, "progress")
        self.memory, self.ordered = memory, rows > 0
        self.returned = array(columns, Range(0, rows), lambda column: 0)
        self.gone = array(columns, bool, lambda column: column in idle)
        self.exiting = array(memory.processes, bool, lambda process: False)

    def dying(self, process: Enum) -> bool:
        """It has called exit, or was killed by a signal."""
        killed = self.memory.sigsegv[process] or self.memory.cache.got_sigbus(process)
        return self.exiting[process] or killed


class Registers(Part):
    """What the lines have given; None where nothing was."""

    def __init__(self, m: Model, names: type[Enum], results: type[Enum]) -> None:
        super().__init__(m, "registers")
        self.held: Array[Enum, Enum | None] = array(names, optional(results), lambda name: None)


class Actor(Part):
    """A column. `process`: of a thread; `others`: the other threads of that. `tasks`: its lines.

    `errors`: what a register holds of an error. `first`: the process whose pages the kernel works on where a line names none.
    """

    def __init__(
        self,
        m: Model,
        column: Enum,
        process: Enum | None,
        others: tuple[Enum, ...],
        tasks: tuple[Task, ...],
        memory: Memory,
        progress: Progress,
        references: References,
        registers: Registers,
        errors: dict[Errno, Enum],
        first: Enum,
    ) -> None:
        super().__init__(m, f"column_{column.name.replace('.', '_').lower()}")
        self.column, self.process, self.others, self.tasks = column, process, others, tasks
        self.memory, self.progress, self.references, self.registers = memory, progress, references, registers
        self.errors, self.first = errors, first
        self.may_end = any(task.may_end for task in tasks)

    async def run(self) -> None:
        for task in self.tasks:
            if task.waits:
                await self.turn(task)
                if self.dying():
                    break
            given = await self.do(task)
            if task.may_end:
                if self.dying():
                    break
            else:
                assert not self.dying(), "a line that is not said to end its process has"
            if task.register is not None:
                self.registers.held[task.register] = given
            if self.progress.ordered:
                self.progress.returned[self.column] += 1
        if self.may_end:
            if self.dying() and self.is_last():
                await self.exit()
        self.progress.gone[self.column] = True
        if self.progress.ordered:
            self.progress.returned[self.column] = len(self.tasks)

    async def turn(self, task: Task) -> None:
        await step("its turn", when=lambda: self.may_start(task), may_wait=True)

    async def exit(self) -> None:
        assert self.process is not None
        await exit_mm(self.memory, self.process)

    def dying(self) -> bool:
        return self.process is not None and self.progress.dying(self.process)

    def is_last(self) -> bool:
        """All other threads of its process are gone."""
        return all(self.progress.gone[other] for other in self.others)

    def may_start(self, task: Task) -> bool:
        """Its process runs, and every line above has returned; or its process is dying."""
        started = self.process is None or self.memory.running[self.process]
        return self.dying() or (started and all(self.progress.returned[c] >= lines for c, lines in task.needs))

    async def do(self, task: Task) -> Enum:
        """The line; what it gives, which is nothing to go by if the process is dying."""
        memory, process = self.memory, self.process
        if process is None:
            value = await self.do_in_background(task)
            return value
        match task.verb:
            case "store":
                await store(memory, self.column, task.page, task.byte, task.value, self.column)
            case "load":
                frame = await load(memory, self.column, task.page)
                return memory.zero if frame is None else memory.data[frame, task.byte]
            case "fork":
                assert task.fork is not None
                await task.fork.dup_mmap()
            case "exit":
                await step("exit")
                self.progress.exiting[process] = True
            case "wait":
                await step("wait4", when=lambda: self.over(task) or self.dying(), may_wait=True)
            case "munmap":
                await munmap(memory, process, task.page)
            case "mprotect":
                error = await mprotect(memory, process, task.page, "rw" in task.words)
                return self.returned(error)
            case "clear_refs":
                await clear_refs(memory, process)
            case "madvise":
                error = await self.madvise(task, process)
                return self.returned(error)
            case "msync":
                error = await msync(memory, process, task.page)
                return self.returned(error)
            case "unpin" | "put":
                await self.release(task)
            case "pipe_read":
                value = await self.pipe_read(task)
                return value
            case "set_page_dirty":
                await self.set_page_dirty(task)
            case "fsync" | "truncate" | "extend" | "drop_caches" | "map":
                await self.do_with_file(task, process)
            case "read":
                value = await self.read(task)
                return value
            case _:
                value = await self.take(task)
                return value
        return memory.zero

    def over(self, task: Task) -> bool:
        """The process waited for runs, and has exited or has nothing more to do."""
        assert task.target is not None
        threads = tuple(column for column in self.memory.cpus if self.memory.runs[column] is task.target)
        return self.memory.running[task.target] and all(self.progress.gone[thread] for thread in threads)

    def returned(self, error: Errno) -> Enum:
        """What a register holds of it."""
        return self.errors[error]

    async def madvise(self, task: Task, process: Enum) -> Errno:
        """mm/madvise.c:do_madvise()"""
        match task.advice:
            case "dontfork":
                error = await madvise_dontfork(self.memory, process, task.page)
            case "wipeonfork":
                error = await madvise_wipeonfork(self.memory, process, task.page)
            case "dontneed":
                error = await madvise_dontneed(self.memory, process, task.page)
            case "pageout":
                error = await madvise_pageout(self.memory, process, task.page)
            case _:
                error = await madvise_mergeable(self.memory, process, task.page)
        return error

    async def do_in_background(self, task: Task) -> Enum:
        """A line of a device, or of the kernel."""
        match task.verb:
            case "reclaim":
                await self.reclaim(task)
            case "writeback":
                cache = page_cache_of(self.memory)
                for i in cache.file_pages:
                    if cache.file_of[i] is task.file:
                        await write_cache_page(cache, i, False)
            case "migrate":
                await migrate_page(self.memory, task.page)
            case "ksm_merge":
                for process in self.memory.processes:
                    for twin in self.memory.processes:
                        await ksm_merge(self.memory, process, task.page, twin, task.other)
            case _ if task.odp is not None:
                value = await self.transfer_by_odp(task, task.odp)
                return value
            case _ if task.sva is not None:
                value = await self.transfer_by_sva(task, task.sva)
                return value
            case _:
                value = await self.transfer(task)
                return value
        return self.memory.zero

    async def reclaim(self, task: Task) -> None:
        """mm/vmscan.c:shrink_page_list()"""
        if task.in_file:
            await reclaim_file_page(page_cache_of(self.memory), task.file_page)
        if isinstance(self.memory.swap, Swap):
            await reclaim_page(self.memory, task.page)

    # ------------------------------------------------------------ files

    async def do_with_file(self, task: Task, process: Enum) -> None:
        cache = page_cache_of(self.memory)
        match task.verb:
            case "fsync":
                assert task.file is not None
                await fsync(cache, task.file)
            case "truncate":
                assert task.file is not None
                await truncate(cache, task.file, task.number)
            case "extend":
                assert task.file is not None
                await extend(cache, task.file, task.number)
            case "drop_caches":
                for i in cache.file_pages:
                    await invalidate_inode_page(cache, i)
            case "map":
                await mmap_file(self.memory, process, task.page, task.file_page, "shared" in task.words)

    async def set_page_dirty(self, task: Task) -> None:
        """What a driver does with the page of its newest reference."""
        await step("set_page_dirty_lock")
        for reference in task.candidates:
            if self.references.newest(reference, task.candidates):
                frame = reference.pages.frame[reference.page]
                assert frame is not None
                if self.memory.cache.maps_files():  # an anonymous page is dirty anyway
                    await set_page_dirty_lock(page_cache_of(self.memory), frame)
                break

    async def read(self, task: Task) -> Enum:
        """mm/filemap.c:generic_file_read_iter(): the first byte of the file; 0 behind its end."""
        memory, cache = self.memory, page_cache_of(self.memory)
        await step("generic_file_read_iter", when=lambda: cache.lockable(task.file_page))
        if cache.beyond_eof(task.file_page):
            return memory.zero
        cached = cache.page[task.file_page]
        frame = cache.add_to_page_cache(task.file_page) if cached is None else cached
        return memory.data[frame, memory.first_byte]

    # ------------------------------------------------------------ references

    async def take(self, task: Task) -> Enum:
        """pin, get, vmsplice, o_direct_read, o_direct_write"""
        reference = task.reference
        assert reference is not None
        if "fast" in task.words:
            error = await reference.pages.get_user_pages_fast()
        else:
            error = await reference.pages.get_user_pages(0)
        if reference.marks:
            await self.bio_set_pages_dirty(reference)
        self.references.take(reference)
        return self.returned(error)

    async def bio_set_pages_dirty(self, reference: Reference) -> None:
        """block/bio.c:bio_set_pages_dirty(): before the I/O."""
        frame = reference.pages.frame[reference.page]
        if frame is not None:
            await set_page_dirty_lock(page_cache_of(self.memory), frame)

    async def release(self, task: Task) -> None:
        """mm/gup.c:unpin_user_page(): or put_page()."""
        await step(task.verb)
        for reference in task.candidates:
            if self.references.newest(reference, task.candidates):
                self.references.release(reference)
                break

    async def pipe_read(self, task: Task) -> Enum:
        """fs/pipe.c:pipe_read()"""
        memory = self.memory
        await step("pipe_read", when=lambda: self.any_lives(task) or self.dying(), may_wait=True)
        for reference in task.candidates:
            if self.references.oldest(reference, task.candidates):
                frame = reference.pages.frame[reference.page]
                assert frame is not None
                value = memory.data[frame, reference.byte]
                self.references.release(reference)
                return value
        return memory.zero

    def any_lives(self, task: Task) -> bool:
        return any(self.references.lives(reference) for reference in task.candidates)

    async def transfer(self, task: Task) -> Enum:
        """What a device does with the newest reference that it may use; of direct I/O, also the completion."""
        memory = self.memory
        await step(task.verb, when=lambda: self.any_lives(task), may_wait=True)
        for reference in task.candidates:
            if self.references.newest(reference, task.candidates):
                frame = reference.pages.frame[reference.page]
                assert frame is not None
                value = self.move(task, frame)
                if reference.verb in ("o_direct_read", "o_direct_write"):
                    await self.complete(reference)
                return value
        return memory.zero

    def move(self, task: Task, frame: Frame) -> Enum:
        """The transfer of one byte, and what the line gives."""
        value = self.memory.data[frame, task.byte]
        if task.verb == "dma_write":
            self.memory.write_data(frame, task.byte, task.value, self.column)
            value = self.memory.zero
        return value

    async def transfer_by_odp(self, task: Task, device: OdpDevice) -> Enum:
        """By a translation of the device's own, after as many device page faults as it takes."""
        page = task.page
        while True:
            await step(
                f"look up page {page}",
                when=lambda: device.translation[page] is not None or device.allowed(page),
                may_wait=True,
            )
            frame = device.translation[page]
            if frame is not None:
                break
            await device.pagefault_mr(page)
        device.in_flight[page] = frame
        await step(task.verb)
        device.in_flight[page] = None
        return self.move(task, frame)

    async def transfer_by_sva(self, task: Task, device: SvaDevice) -> Enum:
        """By the process's page table or the device TLB, after as many page requests as it takes."""
        page = task.page
        while True:
            await step(
                task.verb,
                when=lambda: device.device_tlb[page] is not None or device.allowed(page),
                may_wait=True,
            )
            frame = device.translate(page)
            if frame is not None:
                return self.move(task, frame)
            await device.page_request(page)

    async def complete(self, reference: Reference) -> None:
        """block/bio.c:bio_check_pages_dirty(): a page that has become clean is marked again before it is released."""
        await step("bio_release_pages")
        frame = reference.pages.frame[reference.page]
        assert frame is not None
        if reference.marks:
            cache = page_cache_of(self.memory)
            if not cache.dirty[frame]:
                await set_page_dirty_lock(cache, frame)
        self.references.release(reference)


async def invalidate_inode_page(cache: PageCache, i: int) -> None:
    """mm/truncate.c:invalidate_mapping_pages(): a clean page that nobody maps or holds leaves the page cache."""
    await step("invalidate_inode_page")
    frame = cache.page[i]
    if frame is None:
        return
    if cache.at_rest(i) and cache.memory.page_mapcount(frame) == 0:
        cache.delete_from_page_cache(i, frame)
