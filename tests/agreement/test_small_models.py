"""The small models of tests/models: counts and verdicts agree with enumerators written by hand.

Each model has a twin in by_hand/ that shares nothing with the explorer: tuples, a successor function, a loop. EXPECTED
was filled by running the twins. A state is the declared variables, where each thread is, and the locals that it still
needs there; a transition is a state and an action, counted even where two actions lead to one state.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from explorer import Verdict, check
from tests.models.EXPECTED import EXPECTED, Parameters

MODELS = Path(__file__).parents[1] / "models"
CASES = [pytest.param(*key, id=f"{key[0]}({', '.join(f'{k}={v}' for k, v in key[1])})") for key in EXPECTED]


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_by_hand(name: str, parameters: Parameters) -> None:
    """The enumerator gives what EXPECTED says."""
    states, transitions, depth, properties = EXPECTED[name, parameters]
    count = import_module(f"tests.models.by_hand.{name}").count
    assert count(**dict(parameters)) == (states, transitions, depth, {p: at for p, (_, at) in properties.items()})


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_explored(name: str, parameters: Parameters) -> None:
    """The explorer gives the same."""
    states, transitions, depth, properties = EXPECTED[name, parameters]
    model = getattr(import_module(f"tests.models.{name}"), name)
    result = check(model(**dict(parameters)), reduce="none")
    assert result.complete and not result.error
    assert (result.states, result.transitions, result.depth) == (states, transitions, depth)
    assert {p: (result[p].verdict.value, result[p].depth) for p in properties} == properties
    others = [p for p in result.properties if p.name not in properties]
    assert {p.name for p in others} <= {"assertions", "deadlock_freedom"}
    assert all(p.verdict is Verdict.HOLDS for p in others)


def test_every_model_has_a_twin() -> None:
    """Every model here is counted by hand, and every entry of EXPECTED is about a model here."""

    def names(folder: Path) -> set[str]:
        return {p.stem for p in folder.glob("*.py")} - {"__init__", "EXPECTED"}

    assert names(MODELS) == names(MODELS / "by_hand") == {name for name, _ in EXPECTED}
    assert len(names(MODELS)) >= 12


def test_twins_use_nothing_of_ours() -> None:
    """The enumerators import from the standard library's collections and from nowhere else."""
    for twin in (MODELS / "by_hand").glob("*.py"):
        imports = [line for line in twin.read_text().splitlines() if "import" in line.split()]
        assert imports in ([], ["from collections.abc import Callable, Iterator"]), twin
