"""A set takes what may be None where the path knows that it is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from explorer.language import (
    Atom,
    Model,
    Part,
    Range,
    Rules,
    Scalarset,
    Sort,
    optional,
    record,
    replace,
    step,
    var,
)


class Color(Enum):
    RED = 0
    GREEN = 1
    BLUE = 2

    def next(self) -> Color:
        if self is Color.RED:
            return Color.GREEN
        return Color.BLUE if self == Color.GREEN else Color.RED


class Frame(Atom): ...


@record
class Entry:
    color: Color
    count: Annotated[int, Range(0, 2)]
    flag: bool
    limit: Annotated[int, Range(0, 1)] | None = None

    def flipped(self) -> Entry:
        return replace(self, flag=not self.flag)

    def weight(self, more: int = 1) -> int:
        if self.flag:
            return self.count + more
        elif self.color is Color.RED:
            return more
        return self.count

    @property
    def plain(self) -> bool:
        return self.color is Color.RED and not self.flag


@dataclass(frozen=True)
class Kernel(Rules):
    fast: bool = False
    mode: Color = Color.RED
    limit: int = 1


class Lock(Part):
    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.held = var(bool, False)

    async def __aenter__(self) -> int:
        await step(f"take {self.part_name}", when=lambda: not self.held)
        self.held = True
        return 1

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        self.held = False


class P(Part):
    def __init__(self, m: Model, name: str, frames: Sort[Frame], kernel: Kernel, lock: Lock) -> None:
        super().__init__(m, name)
        self.frames, self.kernel, self.lock = frames, kernel, lock
        self.v0 = var(optional(Entry), Entry(Color.BLUE, 2, True))
        self.v1 = var(optional(Color), Color.GREEN)

    def helper0(self) -> bool:
        self.v0 = None
        self.v0 = None
        return self.lock.held

    def pure1(self) -> frozenset[Color]:
        for _n1 in range(2):
            if self.v1 is None:
                return frozenset(e2 for e2 in Color if False)
        return frozenset({(self.v1 if self.v1 is not None else Color.RED)})

    async def routine0(self) -> bool:
        self.v0 = None
        return self.lock.held


def model() -> Model:
    m = Model()
    frames = Scalarset(Frame, 1)
    kernel = Kernel()
    lock = Lock(m, "lock")
    p = P(m, "p", frames, kernel, lock)

    @m.thread("t0")
    async def t0() -> None:
        await step("s3")
        if False:
            async with p.lock:
                p.v0 = None
                p.v0 = None
        p.v0 = None
        p.v0 = None
        p.v0 = None

    @m.thread("t1")
    async def t1() -> None:
        await step("s4")
        p.v0 = None
        p.v0 = None
        p.pure1()

    return m
