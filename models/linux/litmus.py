"""Litmus tests as models: `litmus_model` puts a test's columns on the parts that the models are made of."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from explorer.language import Model, Range, Scalarset
from explorer.language.model import Thread
from explorer.language.properties import Property
from explorer.litmus.program import Atom, Column, LitmusError, Location, Operation, Program
from explorer.models.linux import litmus_history
from explorer.models.linux.errno import Errno
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.litmus_actors import Actor, Progress, Reference, References, Registers, Task
from explorer.models.linux.litmus_history import Seen
from explorer.models.linux.memory import Frame, Memory
from explorer.models.linux.odp import OdpDevice
from explorer.models.linux.page_cache import NAMED, PageCache
from explorer.models.linux.rules.driver import Reference as DirectIo
from explorer.models.linux.shape import AtStart, Data, Features, Files, FileVmas, Limits, Tasks
from explorer.models.linux.sva import SvaDevice
from explorer.models.linux.swap_slots import Swap

TAKES = ("pin", "get", "vmsplice", "o_direct_read", "o_direct_write")
TOUCHES = ("store", "load")
TAKES_AWAY = {"munmap", "mprotect", "dontfork", "map", "truncate"}  # what may make an access fatal


def litmus_model(program: Program, kernel: Kernel, spare: int = 0) -> Model:
    """The test as a model. Its registers are ``registers.held``; for each atom of the condition that registers do not
    decide it has a property of the atom's name.

    `spare`: page frames and swap slots beyond those that are thought to suffice. Raises LitmusError for what no part can do.
    """
    return Builder(program, kernel, spare).model()


class Builder:
    """`page`, `byte`: of each location. `first`: the process that has the locations at the start."""

    def __init__(self, program: Program, kernel: Kernel, spare: int) -> None:
        supported(program)
        self.program, self.kernel, self.spare = program, kernel, spare
        self.page: dict[str, int] = {}
        offset: dict[str, int] = {}
        for location in program.locations:
            if location.page_of:
                self.page[location.name] = page = self.page[location.page_of]
                offset[location.name] = list(self.page.values()).count(page) - 1
            else:
                self.page[location.name] = len(set(self.page.values()))
                offset[location.name] = 0
        for _, operation in program.operations:
            if operation.verb == "map" and operation.location not in self.page:
                self.page[operation.location] = len(set(self.page.values()))
                offset[operation.location] = 0
        self.pages = max(len(set(self.page.values())), 1)
        bytes_of_page = named("Byte", [f"byte {i}" for i in range(max(offset.values(), default=0) + 1)])
        self.bytes = bytes_of_page
        self.byte = {name: list(bytes_of_page)[i] for name, i in offset.items()}
        self.values = named("Value", list(program.results))
        processes = list(program.processes) or ["P0"]
        self.processes = named("Process", processes)
        self.columns = named("Column", [c.name for c in program.columns])
        self.registers = named("Register", [f"{column}:{name}" for column, name in program.registers])
        unforked = [p for p in processes if p not in program.forked]
        self.first = self.processes["P0" if "P0" in unforked else unforked[0]]
        self.strangers = [self.processes[p] for p in unforked if self.processes[p] is not self.first]
        self.files = named("File", [name for name, _ in program.files])
        # the locations that are pages of files, and the file pages, one file after the other
        mapped = [x for name, _ in program.files for x in program.locations if x.file == name]
        self.file_pages: list[tuple[str, Location | None]] = []
        for name, _ in program.files:
            own = [x for x in mapped if x.file == name]
            self.file_pages += [(name, x) for x in own] or [(name, None)]
        self.file_page = {self.page[x.name]: i for i, (_, x) in enumerate(self.file_pages) if x is not None}

    def model(self) -> Model:
        m = Model()
        m.name = self.program.name
        memory = self.memory_of(m)
        filled = {self.page[x.name] for x in self.program.locations if x.fill in ("value", "file")}
        seen = Seen(m, memory, lambda page: page if page in filled else None)
        takers = [(c, o) for c, o in self.program.operations if o.verb in TAKES]
        references = [self.reference(m, memory, number, c, o) for number, (c, o) in enumerate(takers)]
        part = References(m, memory, seen, len(references))
        rows = max((len(c.lines) for c in self.program.columns), default=0)
        idle = tuple(self.columns[c.name] for c in self.program.columns if not c.lines)
        progress = Progress(m, memory, self.columns, rows if self.program.ordered else 0, idle)
        registers = Registers(m, self.registers, self.values)
        given = {id(o): reference for (_, o), reference in zip(takers, references, strict=True)}
        live = self.live_devices(m, memory)
        threads: dict[str, Thread] = {}
        for column in self.program.columns:
            actor = Actor(
                m,
                self.columns[column.name],
                self.processes[column.process] if column.process else None,
                tuple(
                    self.columns[c.name] for c in self.program.columns if c.process == column.process and c != column
                ),
                tuple(self.task(m, memory, column, i, given, references, live) for i in range(len(column.lines))),
                memory,
                progress,
                part,
                registers,
                {e: self.values(e.value) for e in Errno},
                self.first,
            )
            if column.lines:
                threads[column.name] = m.thread(column.name)(actor.run).threads()[0]
        for atom in self.program.atoms:
            if atom.predicate != "register":
                m.properties.append(self.property(atom, memory, seen, threads))
        m.scope = f"order-0 anonymous pages; {len(self.processes)} processes, {self.pages} pages"
        return m

    # ------------------------------------------------------------ state

    def memory_of(self, m: Model) -> Memory:
        program = self.program
        forkers = [c.process for c, o in program.operations if o.verb == "fork"]
        held = {(self.page[x.name], self.byte[x.name]): self.values(x.value) for x in program.locations}
        threads = [c.process for c in program.columns if c.process]
        takes = sum(o.verb in TAKES for _, o in program.operations)
        done = {word for _, o in program.operations for word in (o.verb, *o.words)}
        fills = {self.page[x.name]: x.fill for x in reversed(program.locations) if x.fill != "same-page"}
        swapped = tuple((self.first, page) for page, fill in sorted(fills.items()) if fill == "swapped")
        background = bool(done & {"reclaim", "migrate", "ksm_merge", "pageout", "mergeable"})
        swap = bool(swapped or "pageout" in done or self.reclaims_anonymous_pages())
        files = bool(program.files)
        zero_page = swap or bool(done & {"dontneed", "wipeonfork"}) or "none" in fills.values()
        together = max(self.together(), 1)
        # what each process maps, what references keep, and what is on its way where several act at once
        frames = self.pages * len(self.processes) + len(self.file_pages) + takes + together - 1 + self.spare
        frames += zero_page + bool(done & {"migrate"}) + bool(swap)
        slots = len(swapped) + sum(o.verb == "reclaim" or "pageout" in o.words for _, o in program.operations)

        def old(page: int, byte: Enum) -> Enum:
            return held.get((page, byte), self.values("0"))

        memory = Memory(
            m,
            self.kernel,
            frames=Scalarset(Frame, frames),
            pages=self.pages,
            tasks=Tasks(
                processes=self.processes,
                cpus=self.columns,
                runs=tuple((self.columns[c.name], self.processes[c.process]) for c in program.columns if c.process),
                running=tuple(p for p in self.processes if p.name not in program.forked),
                readers=max((threads.count(p) for p in threads), default=1)
                + sum(kind in ("odp", "sva") for _, kind in program.devices)
                + ("ksm_merge" in done),
                forks=max((forkers.count(p) for p in forkers), default=1),
            ),
            data=Data(bytes=self.bytes, values=self.values, old=old),
            start=AtStart(
                vma=lambda process, page: page in fills and (process is self.first or self.shared(process, page)),
                frame=lambda process, page: page if process is self.first and fills.get(page) == "value" else None,
                cached=tuple(self.file_page),
            ),
            limits=Limits(references=len(self.processes) + len(threads) + takes + 4, pins=max(takes, 1), enough=True),
            features=Features(
                zero_page=zero_page,
                background=background,
                migrates="migrate" in done,
                moves=False,
                deferred="dontneed" in done,
                bits=(),
            ),
        )
        if files:
            self.cache(m, memory, old)
        if swap:
            Swap(m, memory, min(slots, 8) + self.spare, swapped, old)
        return memory

    def reclaims_anonymous_pages(self) -> bool:
        """A line takes a page that may be anonymous out of memory."""
        shared = {self.page[x.name] for x in self.program.locations if x.shared}
        return any(o.verb == "reclaim" and self.page[o.location] not in shared for _, o in self.program.operations)

    def shared(self, process: Enum, page: int) -> bool:
        """The process has a shared mapping of a file at the page from the start."""
        has_it = process is self.first or process in self.strangers
        return has_it and any(x.shared and self.page[x.name] == page for x in self.program.locations)

    def cache(self, m: Model, memory: Memory, old: Callable[[int, Enum], Enum]) -> PageCache:
        """The page cache with the files; each page of theirs that is a location is in it, in the frame of its number."""
        numbers = [None if x is None else self.page[x.name] for _, x in self.file_pages]
        kinds = dict(self.program.files)

        def content(i: int, byte: Enum) -> Enum:
            number = numbers[i]
            return self.values("0") if number is None else old(number, byte)

        def vm_page(process: Enum, page: int) -> int | None:
            has_it = process is self.first or self.shared(process, page)
            return self.file_page.get(page) if has_it else None

        return PageCache(
            m,
            memory,
            Files(
                pages=tuple(self.files(name) for name, _ in self.file_pages),
                filesystem=lambda file: NAMED[kinds[file.value]],
                cached=tuple(numbers),
                content=content,
            ),
            FileVmas(vm_page=vm_page, shared=self.shared),
        )

    def together(self) -> int:
        """How many lines can be in progress at once."""
        if not self.program.ordered:
            return len(self.program.columns)
        rows = [line.row for column in self.program.columns for line in column.lines]
        return max((rows.count(row) for row in rows), default=0)

    def reference(self, m: Model, memory: Memory, number: int, column: Column, operation: Operation) -> Reference:
        page, verb = self.page[operation.location], operation.verb
        pages = UserPages(
            m,
            f"{verb}_{number}",
            memory,
            self.processes[column.process],
            self.gup(operation),
            pages=Range(page, page),
            write="write" in operation.words or verb == "o_direct_read",
            longterm="longterm" in operation.words,
            may_fail=True,
        )
        process, byte = self.processes[column.process], self.byte[operation.location]
        marks = verb == "o_direct_read" and "fuse" not in operation.words and page in self.in_files()
        return Reference(number, verb, operation.location, process, page, byte, operation.target, pages, marks)

    def in_files(self) -> set[int]:
        """The pages at which a file is mapped, from the start or by a line."""
        return {*self.file_page, *(self.page[o.location] for _, o in self.program.operations if o.verb == "map")}

    def gup(self, operation: Operation) -> Gup:
        """What the operation takes on this kernel."""
        direct = self.kernel.fuse_dio if "fuse" in operation.words else self.kernel.block_dio
        if operation.verb.startswith("o_direct"):
            return Gup.PIN if direct is DirectIo.PIN else Gup.GET
        return Gup.PIN if operation.verb == "pin" else Gup.GET

    # ------------------------------------------------------------ columns

    def live_devices(self, m: Model, memory: Memory) -> dict[tuple[str, str], OdpDevice | SvaDevice]:
        """(column, operation) -> the device that follows the page table of the first process."""
        found: dict[tuple[str, str], OdpDevice | SvaDevice] = {}
        for column, operation in self.program.operations:
            kind, write = dict(self.program.devices).get(column.name), operation.verb == "dma_write"
            if kind in ("odp", "sva") and (column.name, operation.verb) not in found:
                name = f"{column.name.lower()}_{'writes' if write else 'reads'}"
                found[column.name, operation.verb] = (
                    OdpDevice(m, memory, self.first, write, changes=len(self.program.columns), name=name)
                    if kind == "odp"
                    else SvaDevice(m, memory, self.first, write, name=name)
                )
        return found

    def task(
        self,
        m: Model,
        memory: Memory,
        column: Column,
        index: int,
        given: dict[int, Reference],
        all_of: list[Reference],
        live: dict[tuple[str, str], OdpDevice | SvaDevice],
    ) -> Task:
        line = column.lines[index]
        operation, verb = line.operation, line.operation.verb
        needs = self.needs(column, index)
        started = column.process not in self.program.forked or index > 0
        alone = sum(c.process == column.process for c in self.program.columns) == 1 or not column.process
        words = operation.words | ({"fast"} if verb in ("vmsplice", "o_direct_read", "o_direct_write") else set())
        page, device = self.page.get(operation.location, 0), live.get((column.name, verb))
        target = self.processes[operation.target] if verb in ("fork", "wait") else None
        return Task(
            verb=verb,
            advice=next(iter(operation.words)) if verb == "madvise" else "",
            words=frozenset(words),
            waits=bool(needs) or not started or (not alone and index > 0),
            needs=needs,
            may_end=bool(column.process)
            and (verb == "exit" or self.may_be_killed(column) and (not alone or verb in TOUCHES)),
            page=page,
            other=self.page.get(operation.other, 0),
            byte=self.byte.get(operation.location, next(iter(self.bytes))),
            value=self.values(operation.value or "0"),
            register=self.registers[f"{column.name}:{operation.register}"] if operation.register else None,
            target=target,
            fork=ForkCall(m, memory, self.processes[column.process], target) if verb == "fork" and target else None,
            reference=given.get(id(operation)),
            candidates=tuple(r for r in all_of if self.may_use(column, operation, r)),
            file=self.files(operation.file) if operation.file else None,
            file_page=self.file_page_of(operation),
            in_file=page in self.file_page,
            number=operation.number,
            odp=device if isinstance(device, OdpDevice) else None,
            sva=device if isinstance(device, SvaDevice) else None,
        )

    def file_page_of(self, operation: Operation) -> int:
        """The file page that a line is about: of its location, else the first of its file."""
        page = self.page.get(operation.location)
        if page in self.file_page and operation.verb != "map":
            return self.file_page[page]
        names = [name for name, _ in self.file_pages]
        return names.index(operation.file) if operation.file else 0

    def may_be_killed(self, column: Column) -> bool:
        """Its process may exit, or touch what is not there for it."""
        stranger = column.process not in self.program.forked and self.processes[column.process] is not self.first
        lines = [(c.process, {o.verb, *o.words}) for c, o in self.program.operations]
        exits = any(process == column.process and "exit" in done for process, done in lines)
        family = self.ancestors(column.process)
        return exits or stranger or any(process in family and done & TAKES_AWAY for process, done in lines)

    def ancestors(self, process: str) -> list[str]:
        """The process, the one that forks it, and so on."""
        parents = {o.target: c.process for c, o in self.program.operations if o.verb == "fork"}
        found = [process]
        while found[-1] in parents:
            found.append(parents[found[-1]])
        return found

    def needs(self, column: Column, index: int) -> tuple[tuple[Enum, int], ...]:
        """(column, lines) that must have returned before a line of an ordered test, less what its last line waited for."""
        if not self.program.ordered:
            return ()
        row = column.lines[index].row
        known = column.lines[index - 1].row if index else 0

        def above(other: Column, row: int) -> int:
            return sum(line.row < row for line in other.lines)

        others = [c for c in self.program.columns if c != column and above(c, row) > above(c, known)]
        return tuple((self.columns[c.name], above(c, row)) for c in others)

    def may_use(self, column: Column, operation: Operation, reference: Reference) -> bool:
        """A device, or a line that releases, may use what the reference names."""
        taker, location = reference.verb, operation.location
        match operation.verb:
            case "dma_write" | "dma_read":
                direct = taker.startswith("o_direct")
                on_it = reference.location == location if direct else reference.page == self.page[location]
                return taker != "vmsplice" and on_it and reference.device in ("", column.name)
            case "unpin" | "put":
                wanted = "pin" if operation.verb == "unpin" else "get"
                own = reference.process is self.processes[column.process]
                return own and taker == wanted and reference.location == location
            case "set_page_dirty":
                own = reference.process is self.processes[column.process]
                return own and taker != "vmsplice" and reference.location == location
            case "pipe_read":
                return taker == "vmsplice"
        return False

    # ------------------------------------------------------------ conditions

    def property(self, atom: Atom, memory: Memory, seen: Seen, threads: dict[str, Thread]) -> Property:
        """The atom, as a function of parts and static values."""
        made = litmus_history
        processes = [self.processes[actor] for actor in atom.actors if atom.predicate != "blocked"]
        pages = [self.page[location] for location in atom.locations]
        function: Callable[..., bool]
        where: tuple[Any, ...]
        match atom.predicate:
            case "blocked":
                names = [c.name for c in self.program.columns if atom.actors[0] in (c.name, c.process)]
                function, where = made.blocked, (tuple(threads[name] for name in names if name in threads),)
            case "same-frame":
                function, where = made.same_frame, (memory, processes[0], pages[0], processes[1], pages[1])
            case "moved":
                function, where = made.moved, (seen, processes[0], pages[0])
            case "stale":
                function, where = made.stale, (seen, processes[0], pages[0])
            case "segv":
                function, where = made.segv, (memory, processes[0])
            case _ if not isinstance(memory.cache, PageCache):
                function, where = made.never, ()
            case "sigbus":
                function, where = made.sigbus, (memory.cache, processes[0])
            case "orphan":
                function, where = made.orphan, (seen, memory.cache, pages[0])
            case "dirty" | "clean":
                i = self.file_page.get(pages[0], 0)
                function, where = (made.dirty if atom.predicate == "dirty" else made.clean), (memory.cache, i)
            case _:
                i = [name for name, _ in self.file_pages].index(atom.name)
                function, where = made.disk, (memory.cache, i, next(iter(self.bytes)), self.values(atom.value))
        return Property(str(atom), "reachable", function, where)


def named(name: str, texts: list[str]) -> type[Enum]:
    """An Enum with a member for each text; a text that Enum keeps for itself gets another name."""
    reserved = ("mro", "name", "value")
    made = Enum(name, {f"_{t}" if t in reserved or t.startswith("_") else t: t for t in texts})  # type: ignore[misc]
    return made


def supported(program: Program) -> None:
    """Raise LitmusError for what the kernel has no function for."""
    kinds = dict(program.devices)
    for _, operation in program.operations:
        users = (
            [operation.target] if operation.target else [c.name for c in program.columns if c.name.startswith("DEV")]
        )
        iommu = bool(users) and all(kinds.get(user) == "iommu" for user in users)
        if operation.verb == "pin" and "fast" in operation.words and iommu:
            raise LitmusError(
                "what an IOMMU maps is pinned by pin_user_pages_remote(), which has no fast path: leave out fast",
                operation.place,
            )
