"""Records of one of several classes: `union`, fields left out: `without`, and how a routine tells them apart."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, assert_never

import pytest

from explorer import (
    Atom,
    Model,
    Part,
    Range,
    Scalarset,
    Sort,
    always,
    array,
    check,
    choose,
    lower,
    optional,
    record,
    replace,
    step,
    union,
    var,
    without,
)
from explorer.answer.symmetries import symmetry_of
from explorer.language.sorts import UnionSort, as_sort, state_text
from explorer.search.outcome import Bounds, Task
from explorer.search.reference import search
from explorer.system.states import variables
from tests.support.agreement import compare


class Page(Atom):
    """A page of memory."""


class Slot(Atom):
    """A place on disk."""


class Process(Enum):
    A = "a"
    B = "b"


@record
class Present:
    page: Page
    writable: bool
    marked: bool = False


@record
class Swapped:
    slot: Slot
    exclusive: bool


@record
class Moving:
    page: Page
    writable: bool
    hops: Annotated[int, Range(0, 2)] = 0


Entry = Present | Swapped | Moving
PAGE = Page(0)


class Table(Part):
    """Entries of pages, which are present, on disk or on the move."""

    def __init__(self, m: Model, *, marks: bool) -> None:
        super().__init__(m, "table")
        self.pages, self.slots = Scalarset(Page, 3), Scalarset(Slot, 2)
        present = Present if marks else without(Present, "marked")
        self.entry = array(
            Process,
            optional(union(present, Swapped, Moving)),
            lambda p: Present(self.pages.first, True) if p is Process.A else None,
        )
        self.used = array(self.pages, bool, lambda f: f == self.pages.first)
        self.marks = marks

    async def move(self, p: Process) -> None:
        """Whatever the entry is, something else comes of it."""
        await step("look")
        entry = self.entry[p]
        await step("move")
        if self.entry[p] != entry:
            return
        match entry:
            case None:
                new = choose(f for f in self.pages if not self.used[f])
                self.used[new] = True
                self.entry[p] = Present(new, False)
            case Present() if self.marks and not entry.marked:
                self.entry[p] = replace(entry, marked=True)
            case Present():
                slot = choose(s for s in self.slots if not any(self.names(q, s) for q in Process))
                self.used[entry.page] = False
                self.entry[p] = Swapped(slot, entry.writable)
            case Swapped():
                new = choose(f for f in self.pages if not self.used[f])
                self.used[new] = True
                self.entry[p] = Moving(new, entry.exclusive, 1)
            case Moving():
                self.entry[p] = replace(entry, hops=2) if entry.hops < 2 else Present(entry.page, entry.writable)
            case _:
                assert_never(entry)

    def names(self, p: Process, slot: Slot) -> bool:
        entry = self.entry[p]
        return isinstance(entry, Swapped) and entry.slot == slot

    async def swap_over(self) -> None:
        """Entries move as a whole, whatever they are."""
        await step("exchange")
        self.entry[Process.A], self.entry[Process.B] = self.entry[Process.B], self.entry[Process.A]


@always
def used_pages_are_named(table: Table) -> bool:
    """A page that is used is named by an entry."""
    return all(
        not table.used[f]
        or any(isinstance(entry, Present | Moving) and entry.page == f for entry in [table.entry[p] for p in Process])
        for f in table.pages
    )


def entries(*, marks: bool = False) -> Model:
    """Entries that change their kind."""
    m = Model()
    table = Table(m, marks=marks)

    @m.thread("mover", p=Process)
    async def mover(p: Process) -> None:
        for _ in range(4):
            await table.move(p)

    @m.thread("exchanger")
    async def exchanger() -> None:
        await table.swap_over()

    m.require(used_pages_are_named)
    return m


@pytest.mark.parametrize("marks", [False, True])
def test_agreement(marks: bool) -> None:
    """What the search does is what CPython does, along every schedule."""
    compared = compare(entries(marks=marks), states=150, crossings=60)
    assert compared.states == 150


@pytest.mark.parametrize("marks, states", [(False, 5_115), (True, 4_262)])
def test_search(marks: bool, states: int) -> None:
    """Atoms in fields of a union are alike: a field that its class has not holds none."""
    system = lower(entries(marks=marks))
    assert search(Task(system, Bounds())).states == states
    symmetry = symmetry_of(system, None)
    assert str(symmetry).startswith("symmetry of pages and slots")
    result = check(entries(marks=marks))
    assert {p.name: p.verdict.value for p in result.properties}["used_pages_are_named"] == "holds"


def test_cells() -> None:
    """One cell for the class, one for each field: fields of one name and sort share it. What is left out takes none."""
    cells = [cell for cell in lower(entries()).cells if cell.variable == "table.entry[a]"]
    assert [cell.name.removeprefix("table.entry[a]") for cell in cells] == [
        "?", ".is", ".slot", ".exclusive", ".page", ".writable", ".hops",
    ]  # fmt: skip
    assert [cell.kinds for cell in cells] == [(), (), (1,), (1,), (0, 2), (0, 2), (2,)]
    marked = [cell for cell in lower(entries(marks=True)).cells if cell.variable == "table.entry[a]"]
    assert len(marked) == len(cells) + 1


@record
class Ordered:
    writable: bool
    page: Page


def test_order_of_slots() -> None:
    """The cells of a class stand in the order of its fields, as a reader is shown them."""
    swapped = union(Moving, Swapped, Present)
    assert isinstance(swapped, UnionSort)
    for number, of in enumerate(swapped.of):
        assert [slot.name for slot in swapped.slots() if number in slot.kinds] == list(of.fields())
    crossed = union(Present, Ordered)
    assert isinstance(crossed, UnionSort)
    assert [(slot.name, slot.kinds) for slot in crossed.slots()] == [
        ("page", (0,)), ("writable", (0, 1)), ("page", (1,)), ("marked", (0,)),
    ]  # fmt: skip


def test_one_class() -> None:
    """A union of one class is that class, and what is left out makes no cell."""
    assert repr(union(Present)) == repr(as_sort(Present))
    cells = [cell.name for cell in lower(alone(without(Moving, "hops"), Moving(PAGE, False))).cells]
    assert cells == ["part.entry.page", "part.entry.writable"]


def alone(sort: Sort[Any], value: Entry | None) -> Model:
    """A model with one variable, and nobody in it."""
    m = Model()
    Holder(m, sort, value)
    return m


class Holder(Part):
    def __init__(self, m: Model, sort: Sort[Any], value: Any) -> None:
        super().__init__(m, "part")
        self.pages, self.slots = Scalarset(Page, 3), Scalarset(Slot, 2)
        self.entry = var(sort, value)


SORT = optional(union(Present, Swapped, Moving))


@pytest.mark.parametrize(
    "value, text",
    [
        (None, "None"),
        (Present(PAGE, True), "page 0, writable"),
        (Present(PAGE, False, True), "page 0, not writable, marked"),
        (Swapped(Slot(1), True), "swapped, slot 1, exclusive"),
        (Moving(PAGE, False), "moving, page 0, not writable"),
        (Moving(PAGE, False, 1), "moving, page 0, not writable, hops=1"),
    ],
)
def test_text(value: Entry | None, text: str) -> None:
    """The class is said of all but the first; what a field usually is, is not. The same is said from the cells."""
    assert state_text(value, SORT) == text
    system = lower(alone(SORT, value))
    state = tuple(cell.initial[0] for cell in system.cells)
    assert variables(system, state) == {"part.entry": text}


def test_a_case_is_missing() -> None:
    """What a type checker refuses is, at run time, an assertion that fails."""
    m = Model()
    part = Holder(m, union(Present, Swapped), Swapped(Slot(0), True))

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        entry: Present | Swapped = part.entry
        match entry:
            case Present():
                part.entry = Present(entry.page, False)
            case _:
                assert_never(entry)  # type: ignore[arg-type]

    found = {p.name: (p.verdict.value, p.depth) for p in check(m).properties}
    assert found["assertions"] == ("violated", 1)
