"""A modeller's file. `# is T` behind a `reveal_type` is what a type checker (and so an editor) must know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, reveal_type

from explorer.language import (
    Atom,
    Model,
    Part,
    Range,
    Rules,
    Scalarset,
    Sort,
    always,
    always_step,
    any_of,
    array,
    before,
    choose,
    ghost,
    local,
    optional,
    pairs,
    record,
    replace,
    step,
    subset,
    var,
)


class Process(Enum):
    PARENT = 0
    CHILD = 1


class Frame(Atom): ...


@record
class Pte:
    frame: Frame
    writable: bool
    age: Annotated[int, Range(0, 3)] = 0

    def wrprotect(self) -> Pte:
        return replace(self, writable=False)


@dataclass(frozen=True)
class Kernel(Rules):
    early_copy: bool = False


class Memory(Part):
    def __init__(self, m: Model, frames: Sort[Frame], kernel: Kernel) -> None:
        super().__init__(m, "mm")
        self.frames, self.kernel = frames, kernel
        self.pte = array(Process, optional(Pte), lambda p: Pte(frames.first, p is Process.PARENT))
        self.refcount = array(frames, Range(0, 4), lambda f: int(f is frames.first))
        self.mapped = array(pairs(Process, frames), bool, lambda pair: pair[0] is Process.PARENT)
        self.holders = var(subset(Process), frozenset())
        self.forked = var(bool, False)
        self.seen = ghost(var(Range(0, 3), 0))

    def alloc_page(self) -> Frame:
        new = choose(f for f in self.frames if self.refcount[f] == 0)
        reveal_type(new)  # is Frame
        self.refcount[new] = 1
        return new

    async def __aenter__(self) -> None:
        await step("lock", when=lambda: not self.forked)

    async def __aexit__(self, *args: object) -> None:
        self.forked = False

    async def fault(self, p: Process) -> None:
        await step("fault")
        reveal_type(self.pte[p])  # is Pte | None
        orig = self.pte[p]
        assert orig is not None
        reveal_type(orig.frame)  # is Frame
        reveal_type(orig.wrprotect().age)  # is int
        if self.kernel.early_copy:
            self.pte[p] = Pte(self.alloc_page(), writable=True)
        tries = local(Range(0, 3), 0)
        reveal_type(tries)  # is int
        reveal_type(self.mapped[p, orig.frame])  # is bool
        reveal_type(self.holders)  # is frozenset[Process]
        async with self:
            await step("set", when=lambda: self.pte[p] == orig)
            self.pte[p] = replace(orig, writable=True)
            self.holders = self.holders | {p}


@always
def frame_is_counted(mm: Memory) -> bool:
    """A mapped frame has a reference."""
    return all(pte is None or mm.refcount[pte.frame] > 0 for pte in [mm.pte[p] for p in Process])


@always_step
def never_unforked(mm: Memory) -> bool:
    """What forked stays so."""
    reveal_type(before(lambda: mm.forked))  # is bool
    return mm.forked or not before(lambda: mm.forked)


def model(*, frames: int = 3, kernel: Kernel = Kernel(early_copy=any_of(False, True))) -> Model:
    """Two processes fault."""
    m = Model()
    mm = Memory(m, Scalarset(Frame, frames), kernel)
    reveal_type(mm.frames)  # is Sort[Frame]
    reveal_type(mm.forked)  # is bool

    @m.thread("cpu", p=Process)
    async def cpu(p: Process) -> None:
        await mm.fault(p)

    @m.action("age", actor="{p}", p=Process, when=lambda p: mm.pte[p] is not None)
    def age(p: Process) -> None:
        pte = mm.pte[p]
        assert pte is not None
        mm.pte[p] = replace(pte, age=min(3, pte.age + 1))

    reveal_type(cpu[Process.PARENT].finished)  # is bool
    m.require(frame_is_counted(mm), never_unforked)
    m.reachable("both finish", lambda: cpu.finished)
    return m
