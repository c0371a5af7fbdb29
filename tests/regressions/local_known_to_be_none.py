"""What may be None is kept across a step on which it is known to be None."""

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
    always,
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
        self.v0 = var(Range(0, 2), 1)
        self.v1 = var(Color, Color.GREEN)

    async def routine0(self, a0: int | None, a1: Color | None) -> frozenset[Color]:
        if False:
            async with self.lock:
                await step("s1")
                assert False or self.lock.held or (None is None)
            if self.lock.held:
                self.v0 = 0
            else:
                self.v0 = 0
        elif self.lock.held:
            self.v1 = self.v1
        else:
            await step("s2", when=lambda: False if False else self.lock.held)
            await step("s3")
        await step("s4")
        match self.v1:
            case Color.RED if False:
                match Color.RED:
                    case Color.RED:
                        self.v0 = 0
                        self.v0 = 0
                    case Color.RED:
                        self.v0 = 0
                        self.v1 = self.v1
                    case _:
                        self.v0 = 0
                        self.v1 = self.v1
            case Color.RED:
                assert a0 is not None
        return frozenset()


@always
def claim0(p: P) -> bool:
    """A claim."""
    return False


def model() -> Model:
    m = Model()
    frames = Scalarset(Frame, 1)
    kernel = Kernel()
    lock = Lock(m, "lock")
    p = P(m, "p", frames, kernel, lock)

    @m.thread("t0")
    async def t0() -> None:
        await step("s5", when=lambda: False)
        p.v0 = 0
        p.v0 = 0
        p.v0 = min(max((0 if p.lock.held else p.v0), 0), 2)

    @m.thread("t1")
    async def t1() -> None:
        await step("s6")
        p.v0 = min(max(0, 0), 2)
        p.v0 = min(max((0 if False else p.v0), 0), 2)
        await step("s7")
        await p.routine0((None if p.lock.held else p.v0), None)

    m.require(claim0(p))
    return m
