"""Partial order: verdicts and shortest depths are those without; what is called independent is so in every state reached."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer import UsageError, check, load
from explorer.answer.partial_order import relations, whole_orbits
from explorer.answer.symmetries import symmetry_of
from explorer.reduction.goals import Goal, goals, symmetric
from explorer.reduction.relations import Relations, Syntactic, members, pairs
from explorer.reduction.stubborn import Chooser, Stubborn, stubborn
from explorer.search import reference
from explorer.search.goals import search_goals, syntactic
from explorer.search.outcome import Bounds, Resources, Task
from explorer.symbolic.certificates import certificate
from explorer.symbolic.independence import Independence
from explorer.symbolic.symmetry import certify
from explorer.system.form import LIVENESS, System
from explorer.system.semantics import Semantics, State, evaluate
from explorer.system.wellformed import check as check_system
from tests.support.liveness import random_threads
from tests.support.outcomes import system_of, unequal
from tests.support.partial_orders import MOST, RELATIONS, differences
from tests.support.races import race
from tests.support.reduction_cases import CASES
from tests.support.symmetric_systems import Symmetric
from tests.support.systems import random_system

# ---------------------------------------------------------------- the same verdicts


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case_is_found(name)


def cases_are_found() -> None:
    for name in CASES:
        case_is_found(name)


def case_is_found(name: str) -> None:
    """Each smallest system of a fault, by what the text says and by what z3 says."""
    system, goal, depth = CASES[name]
    check_system(system)
    assert reference.search(Task(system, Bounds())).depths == {goal: depth}
    for relating in RELATIONS.values():
        assert search_goals(Task(system, Bounds(), "evaluator"), relations=relating).depths == {goal: depth}


def agree(system: System, *relations: str) -> bool:
    """The reduced searches agree with the full one; False for a system too large to say."""
    full = reference.search(Task(system, Bounds(states=MOST)))
    if full.stopped == "states":
        return False
    for name in relations:
        assert not differences(system, RELATIONS[name], full), (system.name, name)
    return True


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 1 << 30))
def test_races(seed: int) -> None:
    agree(race(seed), *RELATIONS)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 1 << 30))
def test_random_systems(seed: int) -> None:
    agree(random_system(seed), "text", "z3")


def random_systems_agree() -> None:
    """Enough systems for the faults that random systems show."""
    assert sum(agree(race(seed), "text", "z3") for seed in range(60)) > 50
    assert sum(agree(random_system(seed), "text") for seed in range(100)) > 80


def test_reduces() -> None:
    """It is no use to compare searches that leave nothing out."""
    reduced = 0
    for seed in range(60):
        system = race(seed)
        full = reference.search(Task(system, Bounds()))
        found = search_goals(Task(system, Bounds(), "evaluator"), relations=RELATIONS["z3"])
        reduced += any(o.complete and 0 < o.states < full.states for o in found.goals.values())
    assert reduced > 30


@pytest.mark.parametrize("bounds", [Bounds(depth=9), Bounds(first=True)], ids=repr)
def test_bounds(bounds: Bounds) -> None:
    """Within bounds what is found is the same; what is not found is not claimed beyond them."""
    for seed in range(150):
        system = race(seed) if seed % 2 else random_system(seed)
        unbounded = reference.search(Task(system, Bounds(states=MOST)))
        if unbounded.stopped == "states":
            continue
        full = reference.search(Task(system, bounds))
        found = search_goals(Task(system, bounds, "evaluator"))
        assert found.depths == full.depths, seed
        assert (found.error is None) == (full.error is None), seed
        for name, outcome in found.goals.items():
            if outcome.complete and name not in found.depths:
                assert name not in unbounded.depths, (seed, name)


# ---------------------------------------------------------------- both engines


def test_engines_agree() -> None:
    engines_agree()


def engines_agree() -> None:
    """The compiled search chooses what the evaluator chooses: every figure is the same, for any number of threads."""
    native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "THREADED", 0)
        patch.setattr(native, "ROOM", 16)
        for seed in range(6):
            for system in (race(seed), random_system(seed)):
                for goal in goals(system):
                    check_system(goal.system)
                    tables = stubborn(goal, Syntactic(goal))
                    bounds = Bounds(states=MOST, first=True)
                    expected = reference.search(Task(goal.system, bounds, stubborn=tables))
                    resources = Resources(threads=1 + seed % 3, memory=1 if seed % 5 == 0 else None)
                    found = native.search(Task(goal.system, bounds, resources=resources, stubborn=tables))
                    assert not unequal(found, expected), (system.name, goal.name)


def test_choices_agree() -> None:
    choices_agree()


def choices_agree() -> None:
    """In every state the loop on bit masks chooses what the evaluator chooses."""
    stubborn_loops = pytest.importorskip(
        "explorer.search.native.loops.stubborn_loops", reason="numba can't be imported"
    )
    from explorer.search.native.stubborn import Choice, rows

    systems = [race(seed) if seed % 3 else random_system(seed) for seed in range(30)]
    for system in (system_of("gup_fast_fork"), *systems):
        states = [s for level in levels(system, Bounds(states=300)) for s in level]
        for goal in goals(system):
            tables = stubborn(goal, Syntactic(goal))
            chooser, choice = Chooser(goal.system, tables), Choice(tables)
            sets = rows([0] * stubborn_loops.SETS, choice.words)
            for state in states:
                held = chooser.truths(state, state)
                truth = rows([sum(1 << i for i, value in enumerate(held) if value)], choice.truth_words)[0]
                stubborn_loops.choose(choice.arrays, truth, sets)
                chosen = sum(int(word) << 64 * k for k, word in enumerate(sets[stubborn_loops.BEST]))
                assert chosen == chooser.chosen_steps(state), (system.name, goal.name, state)


def levels(system: System, bounds: Bounds) -> list[list[State]]:
    found = reference.Search(Task(system, bounds))
    found.run()
    return found.levels


def test_engines_agree_on_a_model() -> None:
    native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
    system = system_of("rdma_fork")
    for goal in chosen(system, "pinned_page_stays", "deadlock_freedom"):
        tables = stubborn(goal, Syntactic(goal))
        assert len(tables.guards) > 64 and len(tables.conditions) > 64  # sets of several words
        expected = reference.search(Task(goal.system, Bounds(), stubborn=tables))
        assert not unequal(native.search(Task(goal.system, Bounds(), stubborn=tables)), expected)


def chosen(system: System, *names: str) -> list[Goal]:
    return [goal for goal in goals(system) if goal.name in names]


# ---------------------------------------------------------------- together with symmetry


def test_with_symmetry() -> None:
    """One state for all that differ by a permutation, and few steps from each: still the same verdicts and depths."""
    compared, alone, together = 0, 0, 0
    for seed in range(40):
        system = Symmetric(seed).system()
        full = reference.search(Task(system, Bounds(states=600)))
        symmetry = certify(system).symmetry
        if full.stopped == "states" or symmetry is None:
            continue
        compared += 1
        assert not differences(system, syntactic, full, symmetry), seed
        for goal in goals(system):
            tables, alike = stubborn(goal, Syntactic(goal)), symmetric(symmetry, goal)
            bounds = Bounds(states=MOST, first=True)
            alone += reference.search(Task(goal.system, bounds, symmetry=alike)).states
            together += reference.search(Task(goal.system, bounds, symmetry=alike, stubborn=tables)).states
    assert compared > 15 and together < alone


def test_engines_agree_with_symmetry() -> None:
    """In depths: the engines let other states stand for an orbit, and so may choose other steps."""
    native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
    for seed in range(4):
        system = Symmetric(seed).system()
        symmetry = certify(system).symmetry
        assert symmetry is not None
        for goal in goals(system)[:2]:
            tables, alike = stubborn(goal, Syntactic(goal)), symmetric(symmetry, goal)
            bounds = Bounds(depth=5, first=True)
            expected = reference.search(Task(goal.system, bounds, symmetry=alike, stubborn=tables))
            found = native.search(Task(goal.system, bounds, symmetry=alike, stubborn=tables))
            assert (found.depths, found.stopped) == (expected.depths, expected.stopped), seed


# ---------------------------------------------------------------- the relations are true


@pytest.mark.parametrize("name", [pytest.param("rdma_fork", marks=pytest.mark.long), "gup_fast_fork"])
def test_relations_of_a_model(name: str) -> None:
    """In every state reached: what is called independent commutes, and nothing else than an enabler enables."""
    system = system_of(name)
    every = chosen(system, "pinned_page_stays", "deadlock_freedom")
    of = relations(system, every)
    for goal in every:
        assert pairs(of(goal).dependent()) < pairs(Syntactic(goal).dependent()) / 2
        relations_hold(goal, of(goal))


def test_relations_of_random_systems() -> None:
    for seed in range(40):
        system = race(seed) if seed % 2 else random_system(seed)
        full = reference.search(Task(system, Bounds(states=MOST)))
        if full.stopped != "states":
            every = goals(system)
            of = (relations if seed % 2 else RELATIONS["z3"])(system, every)
            for goal in every:
                relations_hold(goal, of(goal))


def relations_hold(goal: Goal, given: Relations) -> None:
    system = goal.system
    tables = stubborn(goal, given)
    semantics = Semantics(system)
    for level in levels(system, Bounds()):
        for state in level:
            after = {i: t for i, t in semantics.successors(state) if t is not None}
            for i, t in after.items():
                then = dict(semantics.successors(t))
                for j, u in after.items():
                    if i < j and not tables.dependent[i] >> j & 1:
                        there = then.get(j)
                        assert there is not None, f"{i} takes {j} away in {state}"
                        assert there == dict(semantics.successors(u)).get(i), f"{i} and {j} differ in {state}"
            held = [bool(evaluate(c, state)) for c in tables.conditions] if len(level) < 3 else None
            for i, t in after.items() if held is not None else ():
                for c, condition in enumerate(tables.conditions):
                    if held is not None and not held[c] and evaluate(condition, t):
                        assert tables.enablers[c] >> i & 1, f"{i} makes condition {c} true in {state}"


def test_unanswered_is_dependent() -> None:
    unanswered_is_dependent()


def unanswered_is_dependent() -> None:
    """With a limit that no query meets, z3 says nothing more than the text."""
    unanswered = 0
    for system in (system_of("gup_fast_fork"), race(1), race(2)):
        every = goals(system)
        nothing = Independence(system, every, limit=1)
        answered = Independence(system, every)
        for goal in every:
            least, most = answered.of(goal).dependent(), Syntactic(goal).dependent()
            between = nothing.of(goal).dependent()
            assert all(a & ~b == 0 and b & ~c == 0 for a, b, c in zip(least, between, most, strict=True))
        unanswered += nothing.queries["unknown"]
    assert unanswered


# ---------------------------------------------------------------- as a user meets it


def test_answer() -> None:
    model = load("gup_fast_fork")
    full, reduced = check(model()), check(model(), reduce="por")
    assert [(p.name, str(p)) for p in reduced.properties] == [(p.name, str(p)) for p in full.properties]
    assert reduced.exit_code == full.exit_code and reduced.complete
    assert reduced.never_fired is None and reduced.to_json()["never_fired"] is None
    assert reduced.reductions and "sums" in reduced.reductions[0]
    assert full.source is not None and reduced.source is not None
    assert 0 < reduced.source[2].goals["pinned_page_stays"].states < full.states


def both_answer() -> None:
    """With symmetry as well, of a model that starts in one of several states that differ by a permutation: what is proved dead
    there is not dead in the others."""
    model = load("rdma_fork")
    full, reduced = check(model()), check(model(), reduce="both")
    assert [(p.name, str(p)) for p in reduced.properties] == [(p.name, str(p)) for p in full.properties]
    assert reduced.never_fired is None and len(reduced.reductions) == 2
    assert full.source is not None and reduced.source is not None
    system = full.source[1]
    dead, symmetry = certificate(system).dead, symmetry_of(system, None, learn=True)
    assert symmetry is not None and 0 < len(whole_orbits(symmetry, dead)) < len(dead)
    for found in reduced.source[2].goals.values():
        assert found.states < full.states / 2


def test_both_answer() -> None:
    both_answer()


def test_liveness_is_not_reduced() -> None:
    """What is said about whole runs is decided on all states."""
    violated = 0
    for seed in range(40):
        system = random_threads(seed)
        full = reference.search(Task(system, Bounds(states=MOST)))
        if full.stopped == "states":
            continue
        found = search_goals(Task(system, Bounds(), "evaluator"))
        assert found.depths == full.depths and found.undecided == full.undecided, seed
        for claim in system.properties:
            if claim.kind in LIVENESS and full.complete:
                assert found.goals[claim.name].states == full.states, seed
                violated += claim.name in full.depths
    assert violated > 5


def test_what_cannot_be_combined(tmp_path: Any) -> None:
    with pytest.raises(UsageError, match="a checkpoint keeps one search"):
        check(load("rdma_fork")(), reduce="por", resources=Resources(folder=tmp_path))
    with pytest.raises(UsageError, match="reduce must be one of por"):
        check(load("rdma_fork")(), reduce="sleep")  # type: ignore[arg-type]


def test_tables_as_plain_data() -> None:
    for system, _, _ in CASES.values():
        for goal in goals(system):
            tables = stubborn(goal, Syntactic(goal))
            assert Stubborn.of_json(json.loads(json.dumps(tables.to_json()))) == tables
    assert members(stubborn(goals(CASES["taken away"][0])[0], Syntactic(goals(CASES["taken away"][0])[0])).steps) == [
        0,
        1,
    ]
