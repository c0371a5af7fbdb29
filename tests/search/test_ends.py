"""End states: all states without a move, found by looking at every state; and the run to one of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from explorer import UsageError, load
from explorer.lowering import lower
from explorer.search.ends import end_states
from explorer.search.engine import SMALL
from explorer.search.outcome import Bounds, Ends, Engine, Task
from explorer.system.form import System
from explorer.system.semantics import Semantics, State
from tests.support.systems import random_system

pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
MODELS = Path(__file__).parents[1] / "models"
SMALL_MODELS = sorted(f.stem for f in MODELS.glob("*.py") if f.stem not in ("__init__", "EXPECTED"))
ENGINES: tuple[Engine, ...] = ("evaluator", "native")


def by_hand(system: System, most: int) -> dict[State, int] | None:
    """Every end state and the length of the shortest run to it; None where there are more than `most` states."""
    semantics = Semantics(system)
    depth: dict[State, int] = {s: 0 for s in semantics.initial}
    waiting = list(depth)
    ends: dict[State, int] = {}
    for state in waiting:
        moves = [(i, t) for i, t in semantics.successors(state) if system.actions[i].outcome != "blocked"]
        if not moves:
            ends[state] = depth[state]
        for _, target in moves:
            if target is not None and target not in depth:
                depth[target] = depth[state] + 1
                waiting.append(target)
        if len(depth) > most:
            return None
    return ends


def leads_there(system: System, found: Ends) -> bool:
    """The path is one of the system's."""
    assert found.path is not None
    semantics, path = Semantics(system), found.path
    steps = zip(path.states, path.actions, path.states[1:], strict=False)
    return path.states[0] in semantics.initial and all((a, t) in semantics.successors(s) for s, a, t in steps)


def agree(system: System, most: int, pick: Random) -> int:
    """Both engines give what is found by hand, and the same shortest run to states picked by chance. The number of ends."""
    expected = by_hand(system, most)
    if expected is None:
        return 0
    goals = {s for s in expected if pick.random() < 0.3}
    found = [end_states(Task(system, Bounds(), engine), goals.__contains__) for engine in ENGINES]
    faulty = found[0].outcome.error is not None
    for ends in found:
        if not faulty:  # a search stops where the model is in error
            assert set(ends.states) == set(expected) and len(ends.states) == len(expected)
            assert [expected[s] for s in ends.states] == sorted(expected.values())
            assert (ends.path is None) == (not goals)
            if ends.path is not None:
                assert leads_there(system, ends) and ends.path.states[-1] in goals
                assert len(ends.path.actions) == min(expected[s] for s in goals)
    assert found[0].path == found[1].path
    assert [ends.outcome.engine for ends in found] == ["evaluator", "native" if system.threads else "evaluator"]
    return len(expected)


@pytest.mark.parametrize("name", SMALL_MODELS)
def test_small_models(name: str) -> None:
    """Of threads that are finished, of threads that wait for ever, and of both."""
    agree(lower(load(f"{MODELS / name}.py:{name}")()), 3000, Random(name))


def test_random_systems() -> None:
    random_systems_agree()


def random_systems_agree() -> None:
    assert sum(agree(random_system(seed), 2000, Random(seed)) > 0 for seed in range(60)) > 10


def test_bounds_and_engines() -> None:
    system = lower(load("rdma_fork")())
    bounded = end_states(Task(system, Bounds(states=100)))
    assert bounded.outcome.stopped == "states" and not bounded.outcome.complete
    whole = end_states(Task(system, Bounds()))
    small = whole.outcome.states <= SMALL
    assert whole.outcome.complete and whole.outcome.engine == ("evaluator" if small else "native")
    with pytest.raises(UsageError, match="the engine must be one of"):
        end_states(Task(system, Bounds(), "naive"))  # type: ignore[arg-type]
