"""Copy-on-write with pins, as cow.py, and whoever needs a frame takes any that is free: the frames are interchangeable.

A process stores, pins for DMA, forks and exits; a device writes what is pinned. Each rule is one step of the kernel, and
`at` says where in it a process is. A fork copies a page that the parent has pinned (70e806e4e645) unless `early_copy` is
off; a write fault reuses a frame that nobody else refers to.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Atom, Model, Part, Range, Scalarset, Sort, always, array, choose, optional, pairs


class Frame(Atom):
    """A page frame."""


class At(Enum):
    IDLE = 0
    NOT_BORN = 1
    CHECK = 2
    REUSE = 3
    COPY = 4
    STORE = 5
    PIN = 6
    WRPROTECT = 7
    SHARE = 8
    EMBRYO = 9
    EXIT = 10


class Op(Enum):
    NONE = 0
    STORE = 1
    PIN = 2


class Memory(Part):
    """Processes and pages are counted from 1; 0 stands for none. `tag`: whose data, 0 zero, 1 a store's, 2 the device's."""

    def __init__(self, m: Model, processes: int, pages: int, frames: Sort[Frame], early_copy: bool) -> None:
        super().__init__(m, "mm")
        self.processes, self.pages, self.frames, self.early_copy = processes, pages, frames, early_copy
        process, page = Range(1, processes), Range(1, pages)
        self.at = array(process, At, lambda p: At.IDLE if p == 1 else At.NOT_BORN)
        self.page = array(process, Range(0, pages), lambda p: 0)
        self.op = array(process, Op, lambda p: Op.NONE)
        self.child = array(process, Range(0, processes), lambda p: 0)
        self.pinned_page = array(process, Range(0, pages), lambda p: 0)
        self.pinned_frame = array(process, optional(frames), lambda p: None)
        self.pte = array(pairs(process, page), optional(frames), lambda at: None)
        self.writable = array(pairs(process, page), bool, lambda at: False)
        self.tag = array(frames, Range(0, 2), lambda f: 0)
        self.refcount = array(frames, Range(0, processes * (pages + 1)), lambda f: 0)

    def free(self) -> Frame | None:
        """Any free frame, None where there is none."""
        if all(self.refcount[f] != 0 for f in self.frames):
            return None
        new = choose(f for f in self.frames if self.refcount[f] == 0)
        return new

    def would_change(self, frame: Frame | None, tag: int) -> bool:
        return frame is not None and self.tag[frame] != tag

    def write(self, frame: Frame | None, tag: int) -> None:
        if frame is not None:
            self.tag[frame] = tag

    def get(self, frame: Frame | None) -> None:
        if frame is not None:
            self.refcount[frame] += 1

    def put(self, frame: Frame | None) -> None:
        if frame is not None:
            self.refcount[frame] -= 1

    def idle(self, p: int) -> None:
        self.at[p] = At.IDLE
        self.page[p] = 0
        self.op[p] = Op.NONE
        self.child[p] = 0

    def advance(self, p: int, v: int, c: int) -> None:
        """To the next page of a fork, or to its end."""
        if v == self.pages:
            self.idle(p)
            self.at[c] = At.IDLE
        else:
            self.at[p] = At.WRPROTECT
            self.page[p] = v + 1

    def retry(self, p: int) -> None:
        self.at[p] = At.STORE if self.op[p] is Op.STORE else At.PIN

    def touches(self, p: int, v: int) -> None:
        self.at[p] = At.CHECK
        self.page[p] = v


@always
def pinned_page_stays(mm: Memory) -> bool:
    """The page that a process has pinned is the page that it maps."""
    return all(
        mm.pinned_page[p] != v or mm.pte[p, v] == mm.pinned_frame[p]
        for p in range(1, mm.processes + 1)
        for v in range(1, mm.pages + 1)
    )


def cow_any_frame(*, processes: int = 3, pages: int = 1, frames: int = 4, early_copy: bool = True) -> Model:
    """Copy-on-write with pins: any process may store, pin, fork and exit at any time, and takes any free frame."""
    m = Model()
    mm = Memory(m, processes, pages, Scalarset(Frame, frames), early_copy)
    process, page = range(1, processes + 1), range(1, pages + 1)
    children = range(2, processes + 1)

    @m.action("store to a writable page", actor="p{p}", p=process, v=page,
            when=lambda p, v: mm.at[p] is At.IDLE
            and mm.writable[p, v] and mm.would_change(mm.pte[p, v], 1))  # fmt: skip
    def store(p: int, v: int) -> None:
        mm.write(mm.pte[p, v], 1)

    @m.action("store faults", actor="p{p}", p=process, v=page,
            when=lambda p, v: mm.at[p] is At.IDLE and not mm.writable[p, v])  # fmt: skip
    def store_fault(p: int, v: int) -> None:
        mm.touches(p, v)
        mm.op[p] = Op.STORE

    @m.action("get_user_pages", actor="p{p}", p=process, v=page,
            when=lambda p, v: mm.at[p] is At.IDLE and mm.pinned_page[p] == 0)  # fmt: skip
    def pin(p: int, v: int) -> None:
        mm.touches(p, v)
        mm.op[p] = Op.PIN
        if mm.writable[p, v]:
            mm.at[p] = At.PIN

    @m.action("do_wp_page", actor="p{p}", p=process, v=page, when=lambda p, v: mm.at[p] is At.CHECK and mm.page[p] == v)
    def check(p: int, v: int) -> None:
        frame = mm.pte[p, v]
        mm.at[p] = At.REUSE if frame is not None and mm.refcount[frame] == 1 else At.COPY

    @m.action(
        "wp_page_reuse", actor="p{p}", p=process, v=page, when=lambda p, v: mm.at[p] is At.REUSE and mm.page[p] == v
    )
    def reuse(p: int, v: int) -> None:
        mm.writable[p, v] = True
        mm.retry(p)

    @m.action(
        "wp_page_copy", actor="p{p}", p=process, v=page, when=lambda p, v: mm.at[p] is At.COPY and mm.page[p] == v
    )
    def copy(p: int, v: int) -> None:
        new, old = mm.free(), mm.pte[p, v]
        if new is None:
            mm.idle(p)
        else:
            mm.tag[new] = 0
            if old is not None:
                mm.tag[new] = mm.tag[old]
                mm.refcount[old] -= 1
            mm.refcount[new] = 1
            mm.pte[p, v] = new
            mm.writable[p, v] = True
            mm.retry(p)

    @m.action("store after the fault", actor="p{p}", p=process, v=page,
            when=lambda p, v: mm.at[p] is At.STORE and mm.page[p] == v)  # fmt: skip
    def store_again(p: int, v: int) -> None:
        mm.write(mm.pte[p, v], 1)
        mm.idle(p)

    @m.action(
        "follow_page_mask", actor="p{p}", p=process, v=page, when=lambda p, v: mm.at[p] is At.PIN and mm.page[p] == v
    )
    def pin_again(p: int, v: int) -> None:
        mm.pinned_page[p] = v
        mm.pinned_frame[p] = mm.pte[p, v]
        mm.get(mm.pte[p, v])
        mm.idle(p)

    @m.action("copy_present_pte", actor="p{p}", p=process, v=page, c=process,
            when=lambda p, v, c: mm.at[p] is At.WRPROTECT and mm.page[p] == v and mm.child[p] == c)  # fmt: skip
    def wrprotect(p: int, v: int, c: int) -> None:
        old = mm.pte[p, v]
        if old is None:
            mm.advance(p, v, c)
        elif mm.early_copy and mm.pinned_frame[p] == old:
            new = mm.free()
            if new is None:  # the child that could not be made exits
                mm.idle(p)
                mm.at[c] = At.EXIT
                mm.page[c] = 1
            else:
                mm.pte[c, v] = new
                mm.writable[c, v] = True
                mm.refcount[new] = 1
                mm.tag[new] = mm.tag[old]
                mm.advance(p, v, c)
        else:
            mm.writable[p, v] = False
            mm.at[p] = At.SHARE

    @m.action("set_pte_at in the child", actor="p{p}", p=process, v=page, c=process,
            when=lambda p, v, c: mm.at[p] is At.SHARE and mm.page[p] == v and mm.child[p] == c)  # fmt: skip
    def share(p: int, v: int, c: int) -> None:
        mm.pte[c, v] = mm.pte[p, v]
        mm.writable[c, v] = False
        mm.get(mm.pte[p, v])
        mm.advance(p, v, c)

    @m.action("exit_mm", actor="p{p}", p=children, v=page, when=lambda p, v: mm.at[p] is At.EXIT and mm.page[p] == v)
    def exits(p: int, v: int) -> None:
        mm.put(mm.pte[p, v])
        mm.pte[p, v] = None
        mm.writable[p, v] = False
        if v == mm.pages:
            mm.at[p] = At.NOT_BORN
            mm.page[p] = 0
        else:
            mm.page[p] = v + 1

    @m.action("unpin_user_page", actor="p{p}", p=process, when=lambda p: mm.at[p] is At.IDLE and mm.pinned_page[p] != 0)
    def unpin(p: int) -> None:
        mm.put(mm.pinned_frame[p])
        mm.pinned_page[p] = 0
        mm.pinned_frame[p] = None

    @m.action("DMA write", actor="device", p=process,
            when=lambda p: mm.would_change(mm.pinned_frame[p], 2))  # fmt: skip
    def dma(p: int) -> None:
        mm.write(mm.pinned_frame[p], 2)

    @m.action("fork", actor="p{p}", p=process, c=process,
            when=lambda p, c: mm.at[p] is At.IDLE
            and mm.at[c] is At.NOT_BORN
            and all(mm.at[d] is not At.NOT_BORN for d in process if d < c and d != p))  # fmt: skip
    def fork(p: int, c: int) -> None:
        mm.at[p] = At.WRPROTECT
        mm.page[p] = 1
        mm.child[p] = c
        mm.at[c] = At.EMBRYO

    @m.action("exit", actor="p{p}", p=children, when=lambda p: mm.at[p] is At.IDLE and mm.pinned_page[p] == 0)
    def leave(p: int) -> None:
        mm.at[p] = At.EXIT
        mm.page[p] = 1

    m.require(pinned_page_stays)
    m.reachable("everybody has pinned", lambda: all(mm.pinned_frame[p] is not None for p in process))
    return m
