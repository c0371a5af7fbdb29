"""The runs through a step share what they have in common, and are what they are without."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from explorer import load
from explorer.errors import LanguageError
from explorer.language import Model
from explorer.lowering import facts, machine
from explorer.lowering.model import lower, routines
from explorer.system.dump import dump
from tests.generated.loading import loaded
from tests.generated.source import random_model
from tests.mutants.subjects import SUBJECTS, State, asked


@contextmanager
def nothing_shared() -> Iterator[None]:
    """Each run begins anew; no value is kept, neither of a run for another nor when more is known."""
    merged, assume, begin = machine.Machine.merged_ways, facts.Facts.assume, facts.Facts.__init__

    def anew(self: machine.Machine, *args: Any) -> Any:
        self.known.clear()
        return merged(self, *args)

    def assume_anew(self: facts.Facts, *args: Any) -> None:
        assume(self, *args)
        self.memo, self.known_bounds = {}, {}

    def begin_anew(self: facts.Facts, *args: Any) -> None:
        begin(self, *args)
        self.plain = {}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine.Machine, "save", lambda *args: None)
        patch.setattr(machine.Machine, "merged_ways", anew)
        patch.setattr(facts.Facts, "assume", assume_anew)
        patch.setattr(facts.Facts, "__init__", begin_anew)
        yield


def said(model: Model) -> list[Any]:
    """The system, and the lines that each of its actions runs."""
    found = routines(model)
    return [dump(lower(model)), [sorted(lines) for lines in found.lines], sorted(found.begun), len(found.tests)]


def agree(model: Model) -> None:
    with nothing_shared():
        alone = said(model)
    try:
        shared = said(model)
    except Exception as e:
        raise AssertionError(f"only where runs share what they have in common: {e!r}") from e
    assert shared == alone


def sharing_changes_nothing(models: int = 40) -> None:
    for make in SUBJECTS:
        agree(make())
    for seed in range(models):
        with loaded(random_model(seed)) as model, suppress(LanguageError):
            agree(model)


def test_sharing_changes_nothing() -> None:
    sharing_changes_nothing()


@pytest.mark.parametrize("name", ["vmsplice_fork", "gup_writeback"])
def test_of_a_model_of_the_kernel(name: str) -> None:
    agree(load(name)())


def lines_inside_are_noted() -> None:
    """Each run through the step has asked, and so has run the routine that it asked."""
    found = routines(asked())
    first = inspect.getsourcelines(State.large)[1]
    inside = [{line for _, line in lines} & {first + 2, first + 4} for lines in found.lines]
    assert list(map(bool, inside)) == [True] * 7 + [False] * 3  # of this thread, and of the other


def test_lines_inside_are_noted() -> None:
    lines_inside_are_noted()
