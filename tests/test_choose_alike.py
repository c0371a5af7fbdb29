"""choose_alike(): one of several values that no state tells apart, and what it saves."""

from __future__ import annotations

from typing import Any

import pytest

from explorer import Atom, LanguageError, Model, Part, Range, Scalarset, always, array, check, step
from explorer.language import choose, choose_alike
from tests.agreement import compare, compare_counts


class Frame(Atom):
    """A page frame."""


class Frames(Part):
    def __init__(self, m: Model, count: int, alike: bool) -> None:
        super().__init__(m, "mm")
        self.frames, self.alike = Scalarset(Frame, count), alike
        self.refcount = array(self.frames, Range(0, 2), lambda f: 0)

    def alloc_page(self) -> Frame:
        if self.alike:
            new = choose_alike(f for f in self.frames if self.refcount[f] == 0)
        else:
            new = choose(f for f in self.frames if self.refcount[f] == 0)
        self.refcount[new] = 1
        return new


@always
def three_at_most(mm: Frames) -> bool:
    """Never are four frames in use."""
    return sum(mm.refcount[f] for f in mm.frames) < 4


def allocation(*, threads: int = 3, frames: int = 4, alike: bool = True) -> Model:
    """Threads that take frames and give them back."""
    m = Model()
    mm = Frames(m, frames, alike)

    @m.thread("cpu", cpu=tuple(range(threads)))
    async def cpu(cpu: int) -> None:
        for _ in range(2):
            await step("alloc")
            first = mm.alloc_page()
            await step("alloc again")
            second = mm.alloc_page()
            await step("free")
            mm.refcount[first] = 0
            mm.refcount[second] = 0

    m.require(three_at_most(mm))
    return m


@pytest.mark.parametrize(("threads", "frames"), [(1, 3), (2, 4), (2, 3)])
def test_same_verdicts_and_depths_from_fewer_states(threads: int, frames: int) -> None:
    whole = check(allocation(threads=threads, frames=frames, alike=False))
    fewer = check(allocation(threads=threads, frames=frames))
    assert [(p.name, p.verdict, p.depth) for p in whole.properties] == [
        (p.name, p.verdict, p.depth) for p in fewer.properties
    ]
    assert fewer.depth == whole.depth
    assert 3 * fewer.states < 2 * whole.states


@pytest.mark.parametrize("frames", [3, 4])
def test_the_system_agrees_with_cpython(frames: int) -> None:
    compare(allocation(threads=2, frames=frames))
    assert compare_counts(allocation(threads=1, frames=frames), most=200)


def test_a_counterexample_replays() -> None:
    found = check(allocation(threads=2))
    trace: Any = found.trace("three_at_most")
    assert trace.replay().schedule == trace.schedule


def test_only_inside_a_step() -> None:
    with pytest.raises(LanguageError, match=r"choose_alike\(\) has a meaning only inside a step"):
        choose_alike([1, 2])
