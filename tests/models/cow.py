"""Copy-on-write over one page: a parent forks, then parent and child both write, then the child exits.

The fork shares the frame and takes the write permission away; a write fault copies the frame, or takes it over if
nobody else maps it. A `careless` fault always takes it over, and a write of one is seen by the other. With two frames
there is none left for the second copy: the fault waits for ever.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import (
    Atom,
    Model,
    Part,
    Range,
    Scalarset,
    Sort,
    always,
    array,
    choose,
    ghost,
    optional,
    record,
    replace,
    step,
    var,
)


class Frame(Atom): ...


class Process(Enum):
    PARENT = 0
    CHILD = 1


@record
class Pte:
    frame: Frame
    writable: bool


class Memory(Part):
    def __init__(self, m: Model, frames: Sort[Frame], careless: bool) -> None:
        super().__init__(m, "mm")
        self.frames, self.careless = frames, careless
        self.pte = array(Process, optional(Pte), lambda p: Pte(frames.first, True) if p is Process.PARENT else None)
        self.refcount = array(frames, Range(0, 2), lambda f: int(f == frames.first))
        self.data = array(frames, Range(0, 2), lambda f: 0)  # 0: as it was, 1: the parent's, 2: the child's
        self.expected = ghost(array(Process, Range(0, 2), lambda p: 0))
        self.forked = var(bool, False)

    async def fork(self) -> None:
        """mm/memory.c:copy_present_pte(): share the frame, write-protected."""
        await step("fork")
        pte = self.pte[Process.PARENT]
        assert pte is not None, "nothing is mapped"
        self.pte[Process.PARENT] = self.pte[Process.CHILD] = replace(pte, writable=False)
        self.refcount[pte.frame] += 1
        self.forked = True

    async def store(self, p: Process, value: int) -> None:
        while True:
            await step("store")
            pte = self.pte[p]
            assert pte is not None, "nothing is mapped"
            if pte.writable:
                self.data[pte.frame] = value
                self.expected[p] = value
                return
            await self.fault(p)

    async def fault(self, p: Process) -> None:
        """mm/memory.c:do_wp_page(): write fault on a write-protected page."""
        await step("fault")
        old = self.pte[p]
        assert old is not None, "nothing is mapped"
        if self.careless or self.refcount[old.frame] == 1:
            self.pte[p] = replace(old, writable=True)
            return
        await step("copy")
        new = self.alloc()
        self.data[new] = self.data[old.frame]
        await step("install")
        self.pte[p] = Pte(new, True)
        self.refcount[old.frame] -= 1

    def alloc(self) -> Frame:
        new = choose(f for f in self.frames if self.refcount[f] == 0)
        self.refcount[new] = 1
        return new

    def exit(self, p: Process) -> None:
        pte = self.pte[p]
        assert pte is not None, "nothing is mapped"
        self.refcount[pte.frame] -= 1
        self.pte[p] = None

    def reads_its_own(self, p: Process) -> bool:
        pte = self.pte[p]
        return pte is None or self.data[pte.frame] == self.expected[p]

    def counted(self, p: Process) -> bool:
        pte = self.pte[p]
        return pte is None or self.refcount[pte.frame] > 0


@always
def writes_stay_private(mm: Memory) -> bool:
    """Each process reads what it wrote last."""
    return all(mm.reads_its_own(p) for p in Process)


@always
def mapped_frames_are_counted(mm: Memory) -> bool:
    """A frame that is mapped is counted."""
    return all(mm.counted(p) for p in Process)


def cow(*, frames: int = 3, careless: bool = False) -> Model:
    """One page, `frames` interchangeable frames, parent and child."""
    m = Model()
    mm = Memory(m, Scalarset(Frame, frames), careless)

    @m.thread("parent")
    async def parent() -> None:
        await mm.fork()
        await mm.store(Process.PARENT, 1)

    @m.thread("child")
    async def child() -> None:
        await step("run", when=lambda: mm.forked)
        await mm.store(Process.CHILD, 2)
        await step("exit", voluntary=True)
        mm.exit(Process.CHILD)

    m.require(writes_stay_private(mm), mapped_frames_are_counted(mm))
    m.reachable("both have written", lambda: parent.finished and child.finished)
    return m
