"""Proofs for any number of processes, threads, pages and frames: what is proved, what is not, and what the proof rests on.

The link to the models is tested in `test_any_size_link.py`.
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any

import pytest

from explorer.errors import ModelError, UsageError
from explorer.models.proofs.fork_any_size import At, Life
from explorer.questions.any_size import any_size, proofs, prove_any_size
from explorer.render.any_size import text
from explorer.symbolic.relational import formulas, induction
from explorer.symbolic.relational.finite import Finite, State
from explorer.symbolic.relational.formulas import (
    TRUE,
    Formula,
    Function,
    Relation,
    Sort,
    Term,
    Variable,
    forall,
    show,
)
from explorer.symbolic.relational.induction import START, Theory, keeps, prove
from explorer.symbolic.relational.system import Action, RelationalSystem, Step, conditions, without

NEEDS = Path(__file__).parent / "any_size_needs.txt"
KEPT_WITHOUT_PINS = {
    "fork_is_alone",
    "only_running_threads_act",
    "child_is_of_one_fork",
    "only_living_processes_map",
    "entry_names_one_frame",
    "holders_have_run",
    "pinning_is_slow",
    "writable_is_private",
    "new_frame_is_unused",
    "fork_tests_for_pins",
    "pins_are_announced",
}


# ---------------------------------------------------------------- the proof, and where it breaks


def test_proved() -> None:
    """With early copy and write_protect_seq all queries are unsat, and no action is impossible."""
    report = prove_any_size("fork_any_size")
    assert report.proved and report.failures == [] and report.impossible == ()
    assert len(report.system.lemmas) == 15 and len(report.system.actions) == 27
    assert len(report.queries) == 15 + 27 * 15
    assert [q.claim for q in report.properties] == [
        "pinned_page_stays",
        "pinned_page_is_private",
        "writable_page_is_private",
    ]


def test_without_write_protect_seq() -> None:
    """One step breaks one lemma: GUP-fast returns with a page that fork has decided to share. COW alone is still proved."""
    report = prove_any_size("fork_any_size", write_protect_seq="off")
    assert not report.proved
    assert report.failures == [("pte_is_same", "shared_page_is_not_held")]
    assert {q.claim: q.answer for q in report.properties} == {
        "pinned_page_stays": "fails",
        "pinned_page_is_private": "fails",
        "writable_page_is_private": "proved",
    }
    assert set(report.kept) == KEPT_WITHOUT_PINS
    (query,) = (q for q in report.queries if q.answer == "fails")
    assert query.obstacle is not None
    record = query.obstacle.text(report.system).to_json()
    assert record["sizes"] == {"process": 1, "thread": 2, "page": 1, "frame": 1}
    assert [line for line in record["before"] if line not in record["after"]] == [
        "at(thread 1) = FAST_GRABBED",
        "grabbing(thread 1, frame 0)",
    ]
    assert "at(thread 0) = FORK_SHARE" in record["before"]


def test_without_early_copy() -> None:
    """The step that write-protects a pinned page breaks what is said of pinned pages."""
    broken = [("copy_one_pte", "held_page_stays_writable"), ("copy_one_pte", "shared_page_is_not_held")]
    report = prove_any_size("fork_any_size", early_copy=False)
    assert report.failures == broken
    assert set(report.kept) == {*KEPT_WITHOUT_PINS, "gup_fast_sees_fork"}


def test_without_both() -> None:
    """Both steps are guilty."""
    report = prove_any_size("fork_any_size", early_copy=False, write_protect_seq=False)
    assert report.failures == [
        ("copy_one_pte", "held_page_stays_writable"),
        ("copy_one_pte", "shared_page_is_not_held"),
        ("pte_is_same", "shared_page_is_not_held"),
    ]


# ---------------------------------------------------------------- what it rests on


WITHOUT_LEMMA = {  # (action, lemma) that is then broken, or a property that then does not follow
    "fork_is_alone": ("follow_page_mask", "shared_page_is_not_held"),
    "only_running_threads_act": ("do_anonymous_page", "only_living_processes_map"),
    "child_is_of_one_fork": ("dup_mmap_ends", "held_page_stays_writable"),
    "only_living_processes_map": "pinned_page_stays",
    "entry_names_one_frame": ("copy_present_pte", "shared_page_is_not_held"),
    "holders_have_run": ("dup_mmap_ends", "held_page_stays_writable"),
    "pinning_is_slow": ("follow_page_mask", "pins_are_announced"),
    "writable_is_private": "writable_page_is_private",
    "new_frame_is_unused": ("wp_page_copy_installs", "writable_is_private"),
    "fork_tests_for_pins": ("pte_is_same", "pins_are_announced"),
    "pins_are_announced": ("copy_present_pte", "shared_page_is_not_held"),
    "held_page_stays_writable": ("copy_present_pte", "shared_page_is_not_held"),
    "shared_page_is_not_held": ("share_page", "held_page_stays_writable"),
    "gup_fast_sees_fork": ("read_seqcount_retry", "shared_page_is_not_held"),
    "unchanged_page_is_writable": ("read_seqcount_retry", "held_page_stays_writable"),
}


@pytest.mark.parametrize("lemma", WITHOUT_LEMMA)
def test_every_lemma_is_needed(lemma: str) -> None:
    """Without it, that action breaks that lemma; or that property does not follow."""
    weaker = without(any_size("fork_any_size"), lemma=lemma)
    killer = WITHOUT_LEMMA[lemma]
    if isinstance(killer, tuple):
        assert not keeps(weaker, *killer)
        return
    theory = Theory(weaker)
    assert killer in [q.claim for q in theory.claims("", weaker.lemmas, weaker.properties) if q.answer == "fails"]


def test_no_lemma_is_forgotten() -> None:
    assert list(WITHOUT_LEMMA) == [lemma.name for lemma in any_size("fork_any_size").lemmas]


def needs() -> list[tuple[str, str, str]]:
    """(action, condition, lemma that the action breaks without it, or "nothing") of the file."""
    return [tuple(line.split(" | ")) for line in NEEDS.read_text().splitlines()]  # type: ignore[misc]


def test_what_each_condition_is_for() -> None:
    """any_size_needs.txt says of every condition of every action what breaks without it. UPDATE_ANY_SIZE=1 writes it."""
    system = any_size("fork_any_size")
    if os.environ.get("UPDATE_ANY_SIZE"):
        lines = []
        for action, i, condition in conditions(system):
            weaker = without(system, action=action, condition=i)
            broken = [c.name for c in weaker.lemmas if not keeps(weaker, action, c.name)]
            lines.append(f"{action} | {show(condition)} | {(broken or ['nothing'])[0]}")
        NEEDS.write_text("\n".join(lines) + "\n")
    assert [(a, c) for a, c, _ in needs()] == [(a, show(c)) for a, _, c in conditions(system)]


@pytest.mark.parametrize("number", range(len(needs())), ids=lambda i: f"{needs()[i][0]}-{i}")
def test_condition(number: int) -> None:
    """Without the condition, the proof fails where the file says so; "nothing": it does not."""
    system = any_size("fork_any_size")
    action, i, _ = list(conditions(system))[number]
    lemma = needs()[number][2]
    weaker = without(system, action=action, condition=i)
    assert keeps(weaker, action) if lemma == "nothing" else not keeps(weaker, action, lemma)


# ---------------------------------------------------------------- the evaluator, and z3 against it


def explored(frames: int, **switches: bool) -> tuple[int, int, dict[str, int], set[str]]:
    """(states, steps, claim -> depth at which it first is false, actions never taken): two threads of one process, which
    has a page and may fork once."""
    system = any_size("fork_any_size", **switches)
    finite = Finite(system, {"process": 2, "thread": 2, "page": 1, "frame": frames})
    tables: dict[str, list[object]] = {symbol.name: [] for symbol in system.symbols}
    tables |= {"mm": [0, 0], "life": [Life.RUNNING, Life.UNBORN], "at": [At.OUTSIDE] * 2}
    tables |= {"entry": [(0, 0, 0)], "writable": [(0, 0)]}
    state = finite.state(tables)
    assert not finite.violated_claims(system.initial, state)
    found, level, depth, steps = {state}, [state], 0, 0
    broken: dict[str, int] = {}
    never = {a.name for a in system.actions}
    while level:
        following: list[State] = []
        for state in level:
            for name in finite.violated_claims([*system.lemmas, *system.properties], state):
                broken.setdefault(name, depth)
            for step in finite.steps(state):
                steps += 1
                never.discard(step.action)
                if step.after not in found:
                    found.add(step.after)
                    following.append(step.after)
        level, depth = following, depth + 1
    return len(found), steps, broken, never


def test_explored() -> None:
    """The evaluator's whole graph of a small instance breaks no lemma: what z3 proves is not true because nothing happens."""
    assert explored(2) == (5936, 29394, {}, {"do_anonymous_page"})


def test_explored_without_write_protect_seq() -> None:
    """The lemma that is not proved is false in states that are reached; later the pinned page has been left."""
    states, steps, broken, never = explored(2, write_protect_seq=False)
    assert (states, steps, never) == (5363, 29038, {"do_anonymous_page"})
    assert broken == {
        "shared_page_is_not_held": 6,
        "held_page_stays_writable": 7,
        "pinned_page_is_private": 7,
        "pinned_page_stays": 12,
    }


def random_state(random: Random, finite: Finite) -> State:
    tables: dict[str, list[object]] = {}
    density = random.choice((0.1, 0.3, 0.6))
    for symbol in finite.system.symbols:
        if isinstance(symbol, Relation):
            rows: list[tuple[int, ...]] = [()]
            for sort in symbol.sorts:
                rows = [(*row, i) for row in rows for i in range(finite.size(sort))]
            tables[symbol.name] = [row for row in rows if random.random() < density]
        else:
            size = finite.size(symbol.result)
            tables[symbol.name] = [random.randrange(size) for _ in range(finite.size(symbol.sort))]
    return finite.state(tables)


@pytest.mark.parametrize("seed", range(8))
def test_z3_and_the_evaluator_agree(seed: int) -> None:
    """About every claim in a random state, about which steps there are, and about every claim after each of some."""
    import z3

    random = Random(seed)
    switches = {"early_copy": seed % 2 == 0, "write_protect_seq": seed % 4 < 2}
    system = any_size("fork_any_size", **switches)
    sizes = {"process": 2, "thread": 2, "page": random.randint(1, 2), "frame": 2}
    finite, theory = Finite(system, sizes), Theory(system)
    state = random_state(random, finite)
    elements = {s: [z3.Const(f"{s.name}{i}", theory.sorts[s]) for i in range(sizes[s.name])] for s in system.sorts}
    solver = theory.solver([])
    for sort, constants in elements.items():
        x = z3.Const("x", theory.sorts[sort])
        solver.add(z3.ForAll([x], z3.Or([x == c for c in constants])), z3.Distinct(*constants))

    def element(sort: Sort | type[Enum], number: int) -> object:
        return elements[sort][number] if isinstance(sort, Sort) else theory.members[list(sort)[number]]

    for symbol, table in zip(system.symbols, state, strict=True):
        if isinstance(symbol, Relation):
            rows: list[tuple[int, ...]] = [()]
            for sort in symbol.sorts:
                rows = [(*row, i) for row in rows for i in range(sizes[sort.name])]
            for row in rows:
                at = theory.now[symbol](*(element(s, i) for s, i in zip(symbol.sorts, row, strict=True)))
                solver.add(at if row in table else z3.Not(at))
        else:
            for i, value in enumerate(table):
                solver.add(theory.now[symbol](element(symbol.sort, i)) == element(symbol.result, value))  # type: ignore[arg-type]

    def true(formula: object) -> bool:
        answers = []
        for given in (formula, z3.Not(formula)):
            solver.push()
            solver.add(given)
            answers.append(solver.check() == z3.sat)
            solver.pop()
        assert answers in ([True, False], [False, True])
        return answers == [True, False]

    claims = [*system.initial, *system.lemmas, *system.properties]
    for claim in claims:
        assert true(theory.universal(claim, theory.now)) == (finite.counterexample(claim, state) is None), claim.name
    taken = list(finite.steps(state))
    for action in random.sample(system.actions, 8):
        for _ in range(4):
            values = tuple(random.randrange(finite.size(v.sort)) for v in action.parameters)
            meant = {v: element(v.sort, i) for v, i in zip(action.parameters, values, strict=True)}
            guard = true(z3.And([theory.formula(c, theory.now, meant) for c in action.guard]))
            assert guard == any((t.action, t.values) == (action.name, values) for t in taken), action.name
    for step in random.sample(taken, min(8, len(taken))):
        (action,) = (a for a in system.actions if a.name == step.action)
        meant = {v: element(v.sort, i) for v, i in zip(action.parameters, step.values, strict=True)}
        for claim in random.sample(claims, 5):
            said = true(theory.universal(claim, theory.after(action, meant)))
            assert said == (finite.counterexample(claim, step.after) is None), (step.action, claim.name)


# ---------------------------------------------------------------- the machinery, on a token that is passed on

node = Sort("node")
token = Relation("token", (node,))
inside = Relation("inside", (node,))


class Light(Enum):
    RED = "red"
    GREEN = "green"


light = Function("light", node, Light)


def passing(*, careful: bool = True, one: bool = True) -> RelationalSystem:
    """Who has the token may enter. `careful`: who is inside does not pass it on. `one`: there is one token at the start."""
    system = RelationalSystem("passing", (node,), (token, inside, light))

    @system.start(a=node, b=node)
    def begin(a: Term, b: Term) -> Formula:
        """Nobody is inside."""
        return ~inside(a) & ((token(a) & token(b)).implies(a == b) if one else token(a).implies(token(a)))

    @system.action(a=node)
    def enter(a: Term) -> Step:
        """a.c:enter(): goes in."""
        return Step(when=(token(a),), then=(inside.replaced(a), light.becomes(a, Light.GREEN)))

    @system.action(a=node)
    def leave(a: Term) -> Step:
        """a.c:leave(): goes out."""
        return Step(when=(), then=(inside.cleared(a), light.becomes(a, Light.RED)))

    @system.action(a=node, b=node)
    def pass_on(a: Term, b: Term) -> Step:
        """a.c:pass_on(): gives it away."""
        when = (token(a), ~inside(a)) if careful else (token(a),)
        return Step(when=when, then=(token.replaced(by=(b,)),))

    @system.lemma(a=node, b=node)
    def one_token(a: Term, b: Term) -> Formula:
        """There is one."""
        return (token(a) & token(b)).implies(a == b)

    @system.lemma(a=node)
    def inside_with_token(a: Term) -> Formula:
        """Who is inside has it."""
        return inside(a).implies(token(a))

    @system.property(a=node, b=node)
    def one_inside(a: Term, b: Term) -> Formula:
        """One is inside."""
        return (inside(a) & inside(b)).implies(a == b)

    return system


def test_token() -> None:
    assert prove(passing()).proved
    assert prove(passing(careful=False)).failures == [("pass_on", "inside_with_token")]
    assert prove(passing(one=False)).failures == [(START, "one_token")]
    weaker = prove(without(passing(), lemma="inside_with_token"))
    assert weaker.failures == [] and not weaker.proved
    (query,) = weaker.properties
    assert query.answer == "fails" and query.obstacle is not None and query.obstacle.taken is None
    assert query.obstacle.sizes == {"node": 2}


def test_a_condition_that_is_never_true() -> None:
    """An action that cannot happen is said to be one: the proof says nothing about it."""
    system = passing()

    @system.action(a=node)
    def never(a: Term) -> Step:
        """a.c:never(): is inside without the token."""
        return Step(when=(inside(a), ~token(a)), then=(inside.cleared(a),))

    report = prove(system)
    assert report.proved and report.impossible == ("never",)
    assert "never: no state is known in which the lemmas hold and it can happen" in text(report.answer())


def test_no_start() -> None:
    """Nothing is proved of a system that cannot start."""
    system = passing()

    @system.start(a=node)
    def all_inside(a: Term) -> Formula:
        """Everybody is inside."""
        return inside(a)

    with pytest.raises(ModelError, match="no state is known at which passing can start: begin, all_inside"):
        prove(system)


def test_unknown_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that runs into the limit, or into an exception of z3's, counts as not proved."""
    import z3

    check = z3.Solver.check

    def at_the_start(self: Any) -> object:
        return check(self) if len(self.assertions()) == 1 else z3.unknown

    def raises(self: Any) -> object:
        if len(self.assertions()) == 1:
            return check(self)
        raise z3.Z3Exception("canceled")

    for answers in (at_the_start, raises):
        monkeypatch.setattr(z3.Solver, "check", answers)
        report = prove(passing())
        assert {q.answer for q in report.queries} == {"unknown"} and not report.proved
        assert len(report.impossible) == 3
        assert "it is not known whether this keeps" in text(report.answer())
    monkeypatch.undo()
    monkeypatch.setattr(induction, "QUERY_LIMIT", 1)
    assert not keeps(any_size("fork_any_size"), "share_page")


def test_no_global_state() -> None:
    """Two proofs at once do not disturb each other: each has a context of its own."""
    one, two = Theory(passing()), Theory(passing(careful=False))
    assert one.context is not two.context
    found = [[q.answer for q in t.action(t.system.actions[2])] for t in (one, two)]
    assert found == [["proved", "proved"], ["proved", "fails"]]


def test_what_is_refused() -> None:
    """What z3 may not decide, or means nothing, is said when the system is built."""
    system = passing()
    other = node.variable("other")

    def refused(message: str, when: Formula, words: str = "a.c:f(): does.") -> None:
        def broken(a: Term) -> Step:
            return Step(when=(when,), then=())

        broken.__doc__ = words
        with pytest.raises(ModelError, match=message):
            system.action(a=node)(broken)

    refused("negates a quantifier", ~forall((other,), token(other)))
    refused("negates a quantifier", forall((other,), token(other)).implies(token(other)))
    refused("has a quantifier inside", forall((other,), forall((other,), token(other))))
    refused("speaks about other, which is no parameter", token(other))
    refused("must begin with a kernel function", token(other), "Does.")
    with pytest.raises(ModelError, match="has no truth value of its own: write & for and"):
        bool(token(other) and token(other))
    with pytest.raises(ModelError, match="is not of the sort node"):
        token(Sort("page").variable("v"))
    with pytest.raises(ModelError, match="'RED' is not of the sort node"):
        token(Light.RED)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="is between 1 elements, not 2"):
        token(other, other)
    with pytest.raises(ModelError, match="changes a symbol twice"):

        @system.action(a=node)
        def twice(a: Term) -> Step:
            """a.c:f(): does."""
            return Step(when=(), then=(token.cleared(a), token.replaced(a)))

    with pytest.raises(ModelError, match="lead from the sort node back to it"):
        RelationalSystem("circle", (node,), (Function("next", node, node),))
    with pytest.raises(ModelError, match="no action may change the function of"):
        Function("of", node, Sort("page")).becomes(other, other)


# ---------------------------------------------------------------- faults of the prover are noticed


def nothing_changes(theory: Theory, action: Action, values: object) -> object:
    return theory.now


def for_some(theory: Theory, variables: tuple[Variable, ...], body: Formula, meaning: Any, values: Any) -> object:
    return theory.formula(body, meaning, {**values, **{v: theory.constant(v) for v in variables}})


def all_rows(formals: tuple[Variable, ...], prefix: tuple[Term, ...]) -> Formula:
    return TRUE


def optimist(theory: Theory, solver: Any) -> object:
    import z3

    return z3.sat if solver.check() == z3.sat else z3.unsat


def no_lemmas(theory: Theory, assertions: list[Any]) -> Any:
    return SOLVER(theory, assertions[len(theory.lemmas) :])


def no_conditions(theory: Theory, assertions: list[Any]) -> Any:
    return SOLVER(theory, assertions[: len(theory.lemmas)])


SOLVER = Theory.solver
FAULTS: dict[str, tuple[object, str, object]] = {
    "an action changes nothing": (Theory, "after", nothing_changes),
    "for all is read as for some": (Theory, "quantified_term", for_some),
    "an update is of all rows": (formulas, "begins", all_rows),
    "unknown is read as proved": (Theory, "check", optimist),
    "lemmas are not assumed": (Theory, "solver", no_lemmas),
    "conditions are not assumed": (Theory, "solver", no_conditions),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above fail with it."""
    monkeypatch.setattr(*FAULTS[fault])
    with pytest.raises(AssertionError):
        test_token()
        test_z3_and_the_evaluator_agree(0)
        test_unknown_is_not_proved(monkeypatch)


# ---------------------------------------------------------------- names and switches


def test_names() -> None:
    assert list(proofs()) == ["fork_any_size"]
    with pytest.raises(UsageError, match="there is no proof 'fork_anysize'; did you mean fork_any_size"):
        prove_any_size("fork_anysize")
    with pytest.raises(UsageError, match="has no switch 'early_copi'; did you mean early_copy"):
        prove_any_size("fork_any_size", early_copi=False)
    with pytest.raises(UsageError, match="the switch early_copy is on or off, not 'no'"):
        prove_any_size("fork_any_size", early_copy="no")


def test_systems_do_without_z3() -> None:
    """Only asking imports z3."""
    import subprocess
    import sys

    code = "import sys, explorer.questions.any_size as a; a.any_size('fork_any_size'); assert 'z3' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
