"""Litmus tests as models: `litmus_model` puts a test's columns on the parts that the models are made of."""

from __future__ import annotations

from enum import Enum
from typing import Any

from explorer.language import Model, Range, Scalarset
from explorer.language.model import Thread
from explorer.language.properties import Property
from explorer.litmus.program import Atom, Column, LitmusError, Operation, Program
from explorer.models.linux import litmus_history
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.kernels import Reference as DirectIo
from explorer.models.linux.litmus_actors import Actor, Progress, Reference, References, Registers, Task
from explorer.models.linux.litmus_history import Seen
from explorer.models.linux.memory import Frame, Memory, Swap

TAKES = ("pin", "get", "vmsplice", "o_direct_read", "o_direct_write")
SUPPORTED = (
    *TAKES, "store", "load", "fork", "exit", "wait", "munmap", "mprotect", "madvise", "clear_refs", "unpin", "put",
    "pipe_read", "dma_write", "dma_read", "reclaim", "migrate", "ksm_merge",
)  # fmt: skip
TOUCHES = ("store", "load")
TAKES_AWAY = {"munmap", "mprotect", "dontfork"}  # what may make an access fatal
FILLS = ("value", "none", "swapped", "same-page")


def litmus_model(program: Program, kernel: Kernel, spare: int = 0) -> Model:
    """The test as a model. Its registers are ``registers.held``; for each atom of the condition that registers do not
    decide it has a property of the atom's name.

    `spare`: page frames beyond those that are thought to suffice. Raises LitmusError for what no part can do.
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

    def model(self) -> Model:
        m = Model()
        m.name = self.program.name
        mm = self.memory(m)
        filled = {self.page[x.name] for x in self.program.locations if x.fill == "value"}
        seen = Seen(m, mm, lambda page: page if page in filled else None)
        takers = [(c, o) for c, o in self.program.operations if o.verb in TAKES]
        references = [self.reference(m, mm, number, c, o) for number, (c, o) in enumerate(takers)]
        part = References(m, mm, seen, len(references))
        rows = max((len(c.lines) for c in self.program.columns), default=0)
        idle = tuple(self.columns[c.name] for c in self.program.columns if not c.lines)
        progress = Progress(m, mm, self.columns, rows if self.program.ordered else 0, idle)
        registers = Registers(m, self.registers, self.values)
        given = {id(o): reference for (_, o), reference in zip(takers, references, strict=True)}
        threads: dict[str, Thread] = {}
        for column in self.program.columns:
            actor = Actor(
                m,
                self.columns[column.name],
                self.processes[column.process] if column.process else None,
                tuple(
                    self.columns[c.name] for c in self.program.columns if c.process == column.process and c != column
                ),
                tuple(self.task(m, mm, column, i, given, references) for i in range(len(column.lines))),
                mm,
                progress,
                part,
                registers,
                self.values["EFAULT"],
                self.first,
            )
            if column.lines:
                threads[column.name] = m.thread(column.name)(actor.run).threads()[0]
        for atom in self.program.atoms:
            if atom.predicate != "register":
                m.properties.append(self.property(atom, mm, seen, threads))
        m.scope = f"order-0 anonymous pages; {len(self.processes)} processes, {self.pages} pages"
        return m

    # ------------------------------------------------------------ state

    def memory(self, m: Model) -> Memory:
        program = self.program
        forkers = [c.process for c, o in program.operations if o.verb == "fork"]
        held = {(self.page[x.name], self.byte[x.name]): self.values[x.value] for x in program.locations}
        threads = [c.process for c in program.columns if c.process]
        takes = sum(o.verb in TAKES for _, o in program.operations)
        done = {word for _, o in program.operations for word in (o.verb, *o.words)}
        fills = {self.page[x.name]: x.fill for x in reversed(program.locations) if x.fill != "same-page"}
        swapped = tuple((self.first, page) for page, fill in sorted(fills.items()) if fill == "swapped")
        background = bool(done & {"reclaim", "migrate", "ksm_merge", "pageout", "mergeable"})
        swap = bool(swapped or done & {"reclaim", "pageout"})
        zero_page = swap or bool(done & {"dontneed", "wipeonfork"}) or "none" in fills.values()
        together = max(self.together(), 1)
        # what each process maps, what references keep, and what is on its way where several act at once
        frames = self.pages * len(self.processes) + takes + together - 1 + self.spare
        frames += zero_page + bool(done & {"migrate"}) + bool(swap)
        slots = len(swapped) + sum(o.verb == "reclaim" or "pageout" in o.words for _, o in program.operations)

        def old(page: int, byte: Enum) -> Enum:
            return held.get((page, byte), self.values["0"])

        mm = Memory(
            m,
            self.kernel,
            frames=Scalarset(Frame, frames),
            processes=self.processes,
            cpus=self.columns,
            runs=tuple((self.columns[c.name], self.processes[c.process]) for c in program.columns if c.process),
            pages=self.pages,
            bytes=self.bytes,
            values=self.values,
            vma=lambda process, page: process is self.first and page in fills,
            start=lambda process, page: page if process is self.first and fills.get(page) == "value" else None,
            old=old,
            running=tuple(p for p in self.processes if p.name not in program.forked),
            readers=max((threads.count(p) for p in threads), default=1),
            forks=max((forkers.count(p) for p in forkers), default=1),
            references=len(self.processes) + len(threads) + takes + 4,
            pins=max(takes, 1),
            zero_page=zero_page,
            background=background,
        )
        if swap:
            Swap(m, mm, min(slots, 8), swapped, old)
        return mm

    def together(self) -> int:
        """How many lines can be in progress at once."""
        if not self.program.ordered:
            return len(self.program.columns)
        rows = [line.row for column in self.program.columns for line in column.lines]
        return max((rows.count(row) for row in rows), default=0)

    def reference(self, m: Model, mm: Memory, number: int, column: Column, operation: Operation) -> Reference:
        page, verb = self.page[operation.location], operation.verb
        pages = UserPages(
            m,
            f"{verb}_{number}",
            mm,
            self.processes[column.process],
            self.gup(operation),
            pages=Range(page, page),
            write="write" in operation.words or verb == "o_direct_read",
            longterm="longterm" in operation.words,
            may_fail=True,
        )
        process, byte = self.processes[column.process], self.byte[operation.location]
        return Reference(number, verb, operation.location, process, page, byte, operation.target, pages)

    def gup(self, operation: Operation) -> Gup:
        """What the operation takes on this kernel."""
        direct = self.kernel.fuse_dio if "fuse" in operation.words else self.kernel.block_dio
        if operation.verb.startswith("o_direct"):
            return Gup.PIN if direct is DirectIo.PIN else Gup.GET
        return Gup.PIN if operation.verb == "pin" else Gup.GET

    # ------------------------------------------------------------ columns

    def task(
        self, m: Model, mm: Memory, column: Column, index: int, given: dict[int, Reference], all_of: list[Reference]
    ) -> Task:
        line = column.lines[index]
        operation, verb = line.operation, line.operation.verb
        needs = self.needs(column, index)
        started = column.process not in self.program.forked or index > 0
        alone = sum(c.process == column.process for c in self.program.columns) == 1 or not column.process
        words = operation.words | ({"fast"} if verb in ("vmsplice", "o_direct_read", "o_direct_write") else set())
        target = self.processes[operation.target] if verb in ("fork", "wait") else None
        return Task(
            verb=verb,
            advice=next(iter(operation.words)) if verb == "madvise" else "",
            words=frozenset(words),
            waits=bool(needs) or not started or (not alone and index > 0),
            needs=needs,
            may_end=bool(column.process)
            and (verb == "exit" or self.may_be_killed(column) and (not alone or verb in TOUCHES)),
            page=self.page.get(operation.location, 0),
            other=self.page.get(operation.other, 0),
            byte=self.byte.get(operation.location, next(iter(self.bytes))),
            value=self.values[operation.value or "0"],
            register=self.registers[f"{column.name}:{operation.register}"] if operation.register else None,
            target=target,
            fork=ForkCall(m, mm, self.processes[column.process], target) if verb == "fork" and target else None,
            reference=given.get(id(operation)),
            candidates=tuple(r for r in all_of if self.may_use(column, operation, r)),
        )

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
            case "pipe_read":
                return taker == "vmsplice"
        return False

    # ------------------------------------------------------------ conditions

    def property(self, atom: Atom, mm: Memory, seen: Seen, threads: dict[str, Thread]) -> Property:
        where: list[Any] = [mm if atom.predicate in ("same-frame", "segv") else seen]
        if atom.predicate == "blocked":
            names = [c.name for c in self.program.columns if atom.actors[0] in (c.name, c.process)]
            where = [tuple(threads[name] for name in names if name in threads)]
        else:
            where += [self.processes[actor] for actor in atom.actors]
        if atom.predicate == "same-frame":
            one, other = (self.page[x] for x in atom.locations)
            where = [mm, where[1], one, where[2], other]
        elif atom.locations:
            where.append(self.page[atom.locations[0]])
        function = getattr(litmus_history, atom.predicate.replace("-", "_"))
        return Property(str(atom), "reachable", function, tuple(where))


def named(name: str, texts: list[str]) -> type[Enum]:
    """An Enum with a member for each text; a text that Enum keeps for itself gets another name."""
    reserved = ("mro", "name", "value")
    made = Enum(name, {f"_{t}" if t in reserved or t.startswith("_") else t: t for t in texts})  # type: ignore[misc]
    return made


def supported(program: Program) -> None:
    """Raise LitmusError for what no part can do."""
    for _, operation in program.operations:
        if operation.verb not in SUPPORTED:
            raise LitmusError(f"no part of the kernel is there for {operation.verb} yet", operation.place)
    for location in program.locations:
        if location.fill not in FILLS:
            raise LitmusError(
                f"no part of the kernel is there for a location that is {location.fill} yet", location.place
            )
    for name, kind in program.devices:
        if kind != "region":
            raise LitmusError(f"no part of the kernel is there for {name}: {kind} yet")
    for atom in program.atoms:
        if atom.predicate not in ("register", "same-frame", "moved", "stale", "segv", "blocked"):
            raise LitmusError(f"no part of the kernel is there for {atom.predicate} yet", atom.place)
