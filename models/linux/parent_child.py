"""A parent and its child: the processes, CPUs, bytes and values of the models of fork, and what properties remember of them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from explorer.errors import UsageError
from explorer.language import Array, Model, Part, Scalarset, array, ghost, optional, pairs, var
from explorer.models.linux.features import History
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.memory import Frame, Memory, maps
from explorer.models.linux.shape import AtStart, Data, Features, Tasks

if TYPE_CHECKING:
    from explorer.models.linux.routines import Routines


class Process(Enum):
    PARENT = "parent"
    CHILD = "child"


class Cpu(Enum):
    """A CPU, named by the thread it runs: the parent's, the parent's second one, the child's."""

    PARENT = "parent"
    THREAD2 = "thread2"
    CHILD = "child"


class Family(Enum):
    """The processes, where the parent forks twice."""

    PARENT = "parent"
    CHILD = "child"
    CHILD2 = "child2"


class FamilyCpu(Enum):
    """A CPU, as above."""

    PARENT = "parent"
    THREAD2 = "thread2"
    CHILD = "child"
    CHILD2 = "child2"


RUNS = ((Cpu.PARENT, Process.PARENT), (Cpu.THREAD2, Process.PARENT), (Cpu.CHILD, Process.CHILD))
FAMILY_RUNS = (
    (FamilyCpu.PARENT, Family.PARENT),
    (FamilyCpu.THREAD2, Family.PARENT),
    (FamilyCpu.CHILD, Family.CHILD),
    (FamilyCpu.CHILD2, Family.CHILD2),
)


class Half(Enum):
    """The two cells of data in a frame."""

    LOW = "low half"
    HIGH = "high half"


class Value(Enum):
    """What a cell of data holds: who wrote it. OLD is what the parent wrote before the run."""

    ZERO = "zero"
    OLD = "old"
    PARENT = "parent"
    THREAD2 = "thread2"
    CHILD = "child"
    DEVICE = "device"


class Writer(Enum):
    NOBODY = "nobody"
    PARENT = "parent"
    CHILD = "child"
    DEVICE = "device"


def writer_of(process: Enum) -> Writer:
    return Writer.CHILD if process is Process.CHILD else Writer.PARENT


def parent_memory(
    m: Model,
    frames: int,
    pages: int,
    kernel: Kernel,
    *,
    warm: tuple[Cpu, ...] = (),
    parent_threads: int = 1,
    background: bool = False,
    migrates: bool | None = None,
    moves: bool | None = None,
    deferred: bool = False,
    bits: tuple[str, ...] | None = None,
    unmapped: int = 0,
    children: int = 1,
    routines: Routines | None = None,
) -> Memory:
    """The memory of a parent, which has all pages writable but the last `unmapped`, and of the child that it will have.

    `warm`: the CPUs whose TLBs hold the entries at the start. `parent_threads`: how many threads of the parent can be in a
    fault or in GUP at once. `background`, `migrates`, `moves`, `deferred`, `bits`, `routines`: as for `Memory`. `children`: 1,
    or 2, of a `Family`.

    Raises UsageError for another number of children.
    """
    if children not in (1, 2):
        raise UsageError(f"children must be 1 or 2, not {children}")
    processes, cpus, runs = (Process, Cpu, RUNS) if children == 1 else (Family, FamilyCpu, FAMILY_RUNS)
    parent = runs[0][1]
    warm_here = tuple(cpu for cpu in cpus if cpu.name in {other.name for other in warm})
    return Memory(
        m,
        kernel,
        frames=Scalarset(Frame, frames),
        pages=pages,
        tasks=Tasks(
            processes=processes, cpus=cpus, runs=runs, running=(parent,), readers=parent_threads, forks=children
        ),
        data=Data(bytes=Half, values=Value, old=lambda number, half: Value.OLD),
        start=AtStart(
            vma=lambda process, page: process is parent and page < pages - unmapped,
            frame=lambda process, page: page if process is parent and page < pages - unmapped else None,
            warm=warm_here,
        ),
        features=Features(background=background, migrates=migrates, moves=moves, deferred=deferred, bits=bits),
        routines=routines,
    )


class ForkHistory(Part, History):
    """What properties of fork remember: of the parent, and of its first child.

    `forking`: fork is in progress. `had_in_fork`: a half of a page of the parent held the value at some time in it.
    `first_read`: what the child read first. `last_writer`: who last wrote to the parent's page. `written_since_fork`: who
    last wrote to the frame since the child runs.
    """

    def __init__(self, m: Model, memory: Memory) -> None:
        super().__init__(m, "history")
        self.memory = memory
        self.parent, self.child = tuple(memory.processes)[:2]
        self.forking = ghost(var(bool, False))
        self.had_in_fork: Array[tuple[int, tuple[Enum, Enum]], bool] = ghost(
            array(pairs(memory.pages, pairs(Half, Value)), bool, lambda key: False)
        )
        self.first_read: Array[tuple[int, Enum], Enum | None] = ghost(
            array(pairs(memory.pages, Half), optional(Value), lambda key: None)
        )
        self.last_writer: Array[tuple[int, Enum], Enum] = ghost(
            array(pairs(memory.pages, Half), Writer, lambda key: Writer.NOBODY)
        )
        self.written_since_fork: Array[tuple[Frame, Enum], Enum] = ghost(
            array(pairs(memory.frames, Half), Writer, lambda key: Writer.NOBODY)
        )
        memory.history = self

    def fork_begins(self) -> None:
        """Notes what every byte of the parent holds as fork begins."""
        memory = self.memory
        self.forking = True
        for page in memory.pages:
            for half in Half:
                for value in Value:
                    self.had_in_fork[page, (half, value)] = any(
                        maps(memory.pte[self.parent, page], f) and memory.data[f, half] == value for f in memory.frames
                    )

    def fork_ends(self) -> None:
        self.forking = False

    def written(self, frame: Frame, byte: Enum, value: Enum, writer: Enum) -> None:
        self.written_since_fork[frame, byte] = writer if self.memory.running[self.child] else Writer.NOBODY
        for page in self.memory.pages:
            self.had_in_fork[page, (byte, value)] = self.had_in_fork[page, (byte, value)] or (
                self.forking and maps(self.memory.pte[self.parent, page], frame)
            )

    def page_written(self, page: int, byte: Enum, writer: Enum) -> None:
        if writer is not Writer.CHILD:
            self.last_writer[page, byte] = writer

    def copied(self, old: Frame, new: Frame, byte: Enum) -> None:
        self.written_since_fork[new, byte] = self.written_since_fork[old, byte]

    def released(self, frame: Frame, freed: bool) -> None:
        for half in Half:
            self.written_since_fork[frame, half] = Writer.NOBODY if freed else self.written_since_fork[frame, half]

    def read(self, process: Enum, page: int, byte: Enum, value: Enum) -> None:
        if process is self.child:
            first = self.first_read[page, byte]
            self.first_read[page, byte] = value if first is None else first

    def written_since_fork_by(self, writer: Writer) -> bool:
        """Some half of a frame was last written, since the child runs, by that writer."""
        return any(self.written_since_fork[f, half] == writer for f in self.memory.frames for half in Half)
