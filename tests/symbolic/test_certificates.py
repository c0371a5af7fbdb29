"""What z3 proves before a search is so: compared with the evaluator, with whole graphs, and with a second solver."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import signal
import threading
import time
from pathlib import Path
from random import Random

import pytest
import z3

from explorer.cli.main import main
from explorer.reduction.certificate import Certificate, traps, without
from explorer.search.outcome import Bounds, Task
from explorer.search.reference import search
from explorer.symbolic import invariants as houdini_module
from explorer.symbolic.analyze import alive_steps, analyze
from explorer.symbolic.candidates import candidates, sample
from explorer.symbolic.encode import Encoding, Symbols, ask, expressions
from explorer.symbolic.induction import induction
from explorer.symbolic.invariants import houdini
from explorer.symbolic.prepare import prepare
from explorer.symbolic.recheck import available, recheck, some_pairs
from explorer.system.expressions import of_data, to_data
from explorer.system.form import TRUE, Action, Apply, Cell, Constant, Domain, Expr, Property, Read, Span, System
from explorer.system.semantics import Semantics, State, evaluate, predicate
from tests.support.outcomes import system_of
from tests.support.systems import random_system

HERE = Span("hand.py", 1)
SEEDS = range(60)
BOUND = 3_000


def states_of(system: System, most: int = BOUND) -> list[State] | None:
    """Every reachable state; None where there are more than so many."""
    semantics = Semantics(system)
    seen = dict.fromkeys(semantics.initial)
    pending = list(seen)
    while pending:
        for _, after in semantics.successors(pending.pop()):
            if after is not None and after not in seen:
                seen[after] = None
                pending.append(after)
        if len(seen) > most:
            return None
    return list(seen)


# ---------------------------------------------------------------- terms


def terms_are_the_evaluators(seeds: range = range(60)) -> None:
    """z3 computes of every expression what the evaluator does, in random states of the domains."""
    for seed in seeds:
        system = random_system(seed)
        encoding = Encoding(system)
        random = Random(seed)
        exprs = [e for e in dict.fromkeys(expressions(system)) if not reads_before(e)]
        for _ in range(5):
            state = tuple(random.randint(c.domain.lo, c.domain.top) for c in system.cells)
            here = literal(encoding, state)
            for expr in exprs:
                value, term = evaluate(expr, state), z3.simplify(encoding.expr(expr, here))
                found = z3.is_true(term) if expr.type == "bool" else term.as_signed_long()
                assert found == value, f"seed {seed}: {expr} in {state}"


def literal(encoding: Encoding, state: State) -> Symbols:
    return Symbols(encoding.code(c.domain.truth, v) for c, v in zip(encoding.system.cells, state, strict=True))


def reads_before(expr: Expr) -> bool:
    if isinstance(expr, Read):
        return expr.before
    return isinstance(expr, Apply) and any(map(reads_before, expr.args))


def test_terms() -> None:
    terms_are_the_evaluators()


def steps_are_the_evaluators(seeds: range = range(60)) -> None:
    """The state after an action is the evaluator's."""
    for seed in seeds:
        system = random_system(seed)
        semantics, encoding = Semantics(system), Encoding(system)
        for before in sample(system, 20)[:10]:
            here = literal(encoding, before)
            taken = {i: after for i, after in semantics.successors(before) if after is not None}
            for i, action in enumerate(system.actions):
                if action.outcome == "step":
                    assert z3.is_true(z3.simplify(encoding.expr(action.guard, here))) == (i in taken)
                if i in taken:
                    same = encoding.equal(encoding.after(action, here), literal(encoding, taken[i]))
                    assert z3.is_true(z3.simplify(same))


def test_steps() -> None:
    steps_are_the_evaluators()


# ---------------------------------------------------------------- what is proved is so


def facts_hold(seeds: range = range(25)) -> None:
    """Invariants, dead actions and proved properties of random systems, on all their states."""
    useful = 0
    for seed in seeds:
        system = random_system(seed)
        states = states_of(system)
        if states is None:
            continue
        given = prepare(system)
        useful += len(given.invariants) + len(given.dead) + len(given.proved)
        check_facts(system, given, states)
    assert useful > 20, "hardly anything is proved"


def check_facts(system: System, given: Certificate, states: list[State]) -> None:
    test = predicate(given.invariants)
    for state in states[:: 1 + len(states) // 1_000]:
        assert all(test(state, state)), [
            e for e, good in zip(given.invariants, test(state, state), strict=True) if not good
        ]
    semantics = Semantics(system)
    fired = {i for state in states for i, _ in semantics.successors(state)}
    assert not fired & set(given.dead)
    for claim in system.properties:
        if claim.name in given.proved:
            assert all(evaluate(claim.holds, s) and not any(evaluate(c, s) for c, _ in claim.undefined) for s in states)


def test_facts_hold() -> None:
    facts_hold()


@pytest.mark.parametrize(
    "name",
    [
        *(pytest.param(n, marks=pytest.mark.long) for n in ("rdma_fork", "gup_writeback")),
        "gup_fast_fork",
        "mprotect_pin",
        "vmsplice_fork",
    ],
)
def test_shipped_models(name: str) -> None:
    """Every range is proved kept, and what never happens is exactly what the search never sees."""
    system = system_of(name)
    states = states_of(system, 20_000)
    assert states is not None
    given = prepare(system)
    check_facts(system, given, states)
    assert not traps(system, given.dead), "not proved type-safe"
    semantics = Semantics(system)
    fired = {i for s in states for i, _ in semantics.successors(s)}
    assert set(range(len(system.actions))) - fired == set(given.dead)


def test_counters_are_found() -> None:
    """refcount = mappings + pins, with what steps in progress hold: nobody wrote it down."""
    answer = analyze_text("gup_fast_fork")
    assert "page.mapcount[frame 0] == int(mm.pte[parent,0]? and mm.pte[parent,0].frame == frame 0)" in answer


def analyze_text(name: str) -> str:
    system = system_of(name)
    return "\n".join(analyze(system, prepare(system)).invariants)


def test_search_without_dead_actions() -> None:
    """A search of the system without its dead actions says the same in everything."""
    system = system_of("gup_fast_fork")
    given = prepare(system)
    a, b = search(Task(system, Bounds())), search(Task(without(system, given.dead), Bounds()))
    assert dataclasses.replace(a, seconds=0) == dataclasses.replace(b, seconds=0)


# ---------------------------------------------------------------- what is not proved


def counter(top: int, *actions: Action, holds: Expr = TRUE) -> System:
    """One cell from 0 to `top`, and a claim."""
    cells = (Cell("n", Domain("range", 0, top), (0,)),)
    return System("hand", cells, actions, (Property("claim", "always", holds),))


def adds(guard: Expr, value: Expr) -> Action:
    return Action("a", "add", HERE, guard, ((0, value),), None)


N = Read(0, "int")


# 15 bits times 15 bits is a prime
PRODUCT = Apply("eq", (Apply("mul", (Read(0, "int"), Read(1, "int"))), Constant(536_870_909)))


def unknown_proves_nothing() -> None:
    """A solver that answers nothing leaves no invariant, no dead action, no proved property."""
    system = counter(3, adds(Apply("lt", (N, Constant(2))), Apply("add", (N, Constant(1)))),
                     holds=Apply("le", (N, Constant(2))))  # fmt: skip
    assert prepare(system).proved == ("claim", "assertions")
    honest = ask
    from explorer.symbolic import prepare as prepare_module

    try:
        houdini_module.ask = prepare_module.ask = lambda *given: "unknown"  # type: ignore[attr-defined]
        nothing = prepare(system)
    finally:
        houdini_module.ask = prepare_module.ask = honest  # type: ignore[attr-defined]
    assert nothing.invariants == () and nothing.dead == () and nothing.proved == ("assertions",)  # there are none


def test_unknown() -> None:
    unknown_proves_nothing()


def silence_is_unknown() -> None:
    """A query that ends at z3's limit is answered "unknown"."""
    cells = tuple(Cell(n, Domain("range", 2, 30_000), (2,)) for n in "nm")
    product = Apply("mul", (N, Read(1, "int")))
    system = System("hand", cells, (), (Property("claim", "always", Apply("eq", (product, Constant(893_871_739)))),))
    encoding = Encoding(system)
    here = encoding.state()
    solver = encoding.solver(encoding.domain(here), limit=1)
    assert ask(solver, encoding.expr(system.properties[0].holds, here)) == "unknown"


def test_silence() -> None:
    silence_is_unknown()


def start_is_asked() -> None:
    """What every step keeps, and does not hold at the start, is no invariant."""
    system = counter(5, adds(Apply("lt", (N, Constant(5))), Constant(5)))
    encoding = Encoding(system)
    five = Apply("eq", (N, Constant(5)))
    assert houdini(encoding, [five]).invariants == ()
    claimed = counter(5, adds(Apply("lt", (N, Constant(5))), Constant(5)), holds=five)
    assert "claim" not in prepare(claimed).proved


def test_start() -> None:
    start_is_asked()


def leaving_a_domain_proves_nothing() -> None:
    """An action that may store what its cell can't hold makes all proofs void, as they assume that none does."""
    system = counter(3, adds(TRUE, Apply("add", (N, Constant(1)))))
    given = houdini(Encoding(system), [Apply("le", (Constant(0), N))])
    assert given.invariants == ()


def test_domains() -> None:
    leaving_a_domain_proves_nothing()


def invariants_need_each_other() -> None:
    """One candidate that rests on another falls with it, though no run that begins where the other falls shows it."""
    cells = (
        *(Cell(n, Domain("range", 0, 9), (0,)) for n in "nm"),
        Cell("turn", Domain("bool", 0, 1), (0, 1), constant=True),
    )
    m, turn = Read(1, "int"), Read(2, "bool")
    grows = Apply("and", (Apply("not", (turn,)), Apply("lt", (m, Constant(9)))))
    system = System("hand", cells, (
        Action("a", "n follows m", HERE, turn, ((0, m),), None),
        Action("a", "m grows", HERE, grows, ((1, Apply("add", (m, Constant(1)))),), None),
    ), ())  # fmt: skip
    small = [Apply("le", (N, Constant(4))), Apply("le", (m, Constant(4)))]
    assert houdini(Encoding(system), small).invariants == ()


def test_invariants_need_each_other() -> None:
    invariants_need_each_other()


def test_wide_values() -> None:
    """What is too wide for z3 is not asked, and nothing is proved."""
    cells = tuple(Cell(n, Domain("range", 0, (1 << 61) - 1), (0,)) for n in "nm")
    product = Apply("mul", (N, Read(1, "int")))
    system = System("hand", cells, (), (Property("claim", "always", Apply("le", (Constant(0), product))),))
    encoding = Encoding(system)
    here = encoding.state()
    solver = encoding.solver(encoding.domain(here), encoding.no(encoding.expr(system.properties[0].holds, here)))
    assert ask(solver) == "unknown"
    assert "bits" in prepare(system).given_up


# ---------------------------------------------------------------- asked again


def everything_is_asked_again(name: str = "gup_fast_fork", pairs: int = 150) -> None:
    """z3 and, where it is installed, cvc5 confirm a certificate and independent pairs from text of another encoding."""
    system = system_of(name)
    given = prepare(system)
    masks = [int(m, 16) for m in analyze(system, given).independence.masks]
    drawn = some_pairs(masks, [i for i, _ in alive_steps(system, given)], pairs, 1)
    assert len(drawn) == pairs
    for solver in available():
        answers = recheck(system, given, drawn, solver)
        assert not answers.doubtful, answers
        assert answers.counts["unsat"] > pairs + len(given.dead)


@pytest.mark.long
def test_recheck() -> None:
    everything_is_asked_again()


@pytest.mark.parametrize("solver", ["z3", pytest.param("cvc5", marks=pytest.mark.long)])
def test_recheck_finds_what_is_not_so(solver: str) -> None:
    """Facts of three kinds that are wrong, and a pair that is not independent, are each not confirmed."""
    if importlib.util.find_spec(solver) is None:
        pytest.skip(f"{solver} is not installed")
    system = system_of("gup_fast_fork")
    given = prepare(system)
    steps = [i for i, _ in alive_steps(system, given)]
    fired = steps[0]
    masks = [int(m, 16) for m in analyze(system, given).independence.masks]
    one, other = next((i, j) for i in steps for j in steps if i < j and masks[i] >> j & 1)
    few = given.invariants[:300]

    def doubts(wrong: Certificate, pairs: list[tuple[int, int]]) -> list[str]:
        return recheck(system, wrong, pairs, solver).doubtful

    assert f"action {fired} never fires" in doubts(dataclasses.replace(given, dead=(*given.dead, fired)), [])
    claimed = doubts(dataclasses.replace(given, proved=("pinned_page_stays",)), [(one, other)])
    assert any("keeps pinned_page_stays" in d for d in claimed)
    assert f"actions {one} and {other} are independent" in claimed
    refcount = Apply("eq", (Read(system.index("page.refcount[frame 0]"), "int"), Constant(1)))
    assert any("keeps the invariants" in d for d in doubts(dataclasses.replace(given, invariants=(*few, refcount)), []))


def test_certificates_are_data() -> None:
    system = system_of("gup_fast_fork")
    given = prepare(system)
    assert Certificate.of_json(json.loads(json.dumps(given.to_json()))) == given
    for e in expressions(system):
        assert of_data(json.loads(json.dumps(to_data(e)))) == e


# ---------------------------------------------------------------- the command


def test_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["analyze", "--model", "gup_fast_fork", "--format", "json"]) == 0
    file = tmp_path / "a.json"
    file.write_text(capsys.readouterr().out)
    assert main(["analyze", "--recheck", str(file), "--pairs", "20"]) == (0 if "cvc5" in available() else 4)
    shown = capsys.readouterr().out
    assert "z3: " in shown and ": all of it is so" in shown
    given = json.loads(file.read_text())
    given["parameters"]["kernel"] = "v5.12"  # the facts of another setting
    file.write_text(json.dumps(given))
    assert main(["analyze", "--recheck", str(file)]) == 2
    assert "is of another system" in capsys.readouterr().err
    file.write_text("{}")
    assert main(["analyze", "--recheck", str(file)]) == 2
    assert "is no answer of" in capsys.readouterr().err


def test_prove(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The fix is proved; without it the step that breaks the induction is shown, and said to be possibly unreachable."""
    model = ["prove", "--model", "gup_fast_fork", "--property", "pinned_page_stays"]
    assert main([*model, "--kernel", "v5.12"]) == 0
    assert "pinned_page_stays  proved" in capsys.readouterr().out
    assert main([*model, "--kernel", "v5.10", "--out", str(tmp_path)]) == 4
    shown = capsys.readouterr().out
    assert "pinned_page_stays may be broken by pin: ptep_clear_flush, set_pte_at" in shown
    assert "may be unreachable" in " ".join(shown.split())
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".dot", ".json", ".svg"]


def lemmas_are_proved_too() -> None:
    """A lemma that is false proves nothing, and one that is true but not inductive is told."""
    grows = adds(Apply("lt", (N, Constant(7))), Apply("add", (N, Constant(2))))
    system = counter(9, grows, holds=Apply("lt", (N, Constant(5))))
    answer = induction(system, system.properties[0], {"small": Apply("lt", (N, Constant(4)))})
    assert not answer.lemmas["small"] and answer.failures


def test_lemmas() -> None:
    lemmas_are_proved_too()


def test_candidates_hold_in_the_sample() -> None:
    for seed in SEEDS:
        system = random_system(seed)
        states = sample(system, 100)
        test = predicate(candidates(system, states))
        assert all(all(test(s, s)) for s in states)


def ctrl_c_is_pythons() -> None:
    """It ends the analysis: were it z3's, a query would be unknown, and less proved and kept."""
    system = System("hard", tuple(Cell(n, Domain("range", 0, 32_767), (0,)) for n in "xy"), (), ())
    encoding = Encoding(system, [PRODUCT])
    here = encoding.state()
    solver = encoding.solver(encoding.expr(PRODUCT, here), *(t > encoding.number(1) for t in here), limit=20_000_000)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        ask(solver)
        time.sleep(1)  # a query that was too easy


def test_ctrl_c() -> None:
    ctrl_c_is_pythons()
