"""Static mappings and tuples under an index: what CPython finds there, and what happens if one is changed after all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

import pytest

from explorer import LanguageError, Model, Part, Range, always, check, choose, step, var
from explorer.lowering import lower
from explorer.witness.run import Run
from tests.mutants.subjects import mappings
from tests.support.agreement import compare, compare_counts


class Process(Enum):
    PARENT = 0
    CHILD = 1


class Table(Part):
    def __init__(self, m: Model, level: Any) -> None:
        super().__init__(m, "table")
        self.level = level
        self.who = var(Process, Process.PARENT)
        self.n = var(Range(0, 9), 0)


@always
def low(table: Table) -> bool:
    """The level is low."""
    return table.n < 5


LEVEL = {Process.PARENT: 1, Process.CHILD: 2}


@dataclass(frozen=True)
class Meddler:
    """Made by a step, and it is no record: its code runs when it is made."""

    table: Any
    by: int

    def __post_init__(self) -> None:
        self.table[Process.CHILD] = self.by


def looking(level: Any, meddles: bool = False) -> Model:
    m = Model()
    table = Table(m, level)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("choose")
        table.who = choose(Process)
        if meddles:
            Meddler(LEVEL, 7)
        await step("look")
        table.n = table.level[table.who]

    m.require(low(table))
    return m


def test_cpython_finds_the_same() -> None:
    """Under keys of an Enum, of pairs and of None, from the end of a tuple, and nothing where there is nothing."""
    compared = compare(mappings(), states=300, crossings=50)
    assert compared.faults >= 10 and compare_counts(mappings()) is False
    for level in (LEVEL, MappingProxyType(LEVEL)):
        assert compare(looking(level)).states > 4 and compare_counts(looking(level))


def test_a_mapping_of_parts_is_a_way_for_each() -> None:
    """What has no sort in common is told apart by paths, and only there."""
    assert len(lower(looking(LEVEL)).actions) == 3
    actions = [a for a in lower(mappings()).actions if a.label == "look" and a.failure is None]
    assert len(actions) == 3, "one for each lock"


@pytest.fixture
def level(monkeypatch: pytest.MonkeyPatch) -> dict[Process, int]:
    monkeypatch.setitem(globals(), "LEVEL", dict(LEVEL))
    return LEVEL


def test_a_change_between_two_checks_is_seen(level: dict[Process, int]) -> None:
    model = looking(MappingProxyType(level))
    assert check(model).exit_code == 0
    level[Process.CHILD] = 7
    assert check(model).exit_code == 1 == check(looking(level)).exit_code


def test_a_change_after_lowering_is_refused() -> None:
    changes_are_refused()


def changes_are_refused() -> None:
    """CPython would execute another model than was searched."""
    level = dict(LEVEL)
    model = looking(level)
    lower(model)
    Run(model).close()
    for change in (
        lambda: level.update({Process.CHILD: 7}),
        lambda: level.pop(Process.PARENT),
        level.clear,
    ):
        before = dict(level)
        change()
        with pytest.raises(LanguageError, match="table.level has changed since it was read here"):
            Run(model)
        level.clear()
        level.update(before)
        Run(model).close()


def test_a_change_while_it_is_lowered_is_refused(level: dict[Process, int]) -> None:
    with pytest.raises(LanguageError, match="LEVEL has changed since it was read here"):
        lower(looking(level, meddles=True))
