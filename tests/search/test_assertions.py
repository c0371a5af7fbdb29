"""Each assertion by itself: an early one hides no later one."""

from __future__ import annotations

import ast
import dataclasses
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from explorer import Model, Part, Range, check, replay, step, var
from explorer.answer.checking import REDUCTIONS
from explorer.answer.replaying import again
from explorer.answer.result import Result, Verdict
from explorer.cli.main import main
from explorer.errors import UsageError
from explorer.lowering import lower
from explorer.questions.matrix import findings
from explorer.search import reference
from explorer.search.outcome import Bounds, Listener, Outcome, Resources, Task
from explorer.system.assertions import assertions
from explorer.system.form import (
    Action,
    Apply,
    Cell,
    Constant,
    Domain,
    Failure,
    Interchangeable,
    Property,
    Read,
    Span,
    System,
    Thread,
)
from tests.support.races import race
from tests.support.systems import HERE
from tests.support.systems import random_system as any_system

NAME = Path(__file__).name
TEXT = Path(__file__).read_text().splitlines()


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "counter")
        self.n = var(Range(0, 9), 0)


def hiding(*, early: bool = True, most: int = 4) -> Model:
    """An assertion fails at depth 2, one that two threads share at depth 5, one never."""
    m = Model()
    counter = Counter(m)

    def small() -> None:
        assert counter.n < most, "small"

    @m.thread("looks")
    async def looks() -> None:
        await step("look", when=lambda: early)
        assert counter.n == 0, "nobody counts"

    @m.thread("counts")
    async def counts() -> None:
        for _ in range(5):
            await step("count")
            small()
            counter.n += 1

    @m.thread("counts too")
    async def counts_too() -> None:
        await step("count")
        small()
        assert counter.n != 9, "never nine"

    return m


def called(text: str) -> str:
    """What the assertion of this file is called that says so."""
    return f"assertion {NAME}:{next(n for n, line in enumerate(TEXT, 1) if line.strip().endswith(text))}"


EARLY, LATE = called(', "nobody counts"'), called(', "small"')


def found(result: Result) -> dict[str, tuple[Verdict, int | None]]:
    return {p.name: (p.verdict, p.depth) for p in result.properties}


@pytest.mark.parametrize("reduce", [None, *REDUCTIONS])
@pytest.mark.parametrize("engine", ["evaluator", "native"])
def test_none_hides_another(engine: Any, reduce: Any) -> None:
    if engine == "native":
        pytest.importorskip("numba")
    result = check(hiding(), engine=engine, reduce=reduce)
    violated = Verdict.VIOLATED
    assert [*found(result).items()] == [
        ("assertions", (violated, 2)),
        (EARLY, (violated, 2)),
        (LATE, (violated, 5)),
        ("deadlock_freedom", (Verdict.HOLDS, None)),
    ]
    assert result.complete and result.exit_code == 1
    assert result[LATE].sentence == "small" and result[LATE].kind == "always"
    for name, schedule in (("assertions", "counts/looks"), (EARLY, "counts/looks"), (LATE, "counts*5")):
        trace = result.trace(name)
        assert (trace.schedule, trace.claim) == (schedule, name)
        assert again(trace) == trace
        assert replay(hiding(), schedule)[1] == ["assertions"]
    assert result.trace(LATE).harm == "assertion fails: small"
    assert [p.name for p in result.with_runs] == ["assertions", LATE]  # each run once


def test_one_that_fails_alone_is_the_summary() -> None:
    assert [*found(check(hiding(most=9)))] == ["assertions", "deadlock_freedom"]
    result = check(hiding(early=False), properties=["assertions"])
    assert found(result) == {"assertions": (Verdict.VIOLATED, 5)}
    assert [*found(check(hiding(), properties=["deadlock_freedom"]))] == ["deadlock_freedom"]


def test_bounds() -> None:
    """What a search has not come to is not spoken of."""
    for bounded in (check(hiding(), depth=4), check(hiding(), first=True), check(hiding(), first=True, reduce="por")):
        assert [*found(bounded)] == ["assertions", "deadlock_freedom"] and bounded["assertions"].depth == 2
    assert found(check(hiding(), depth=5))[LATE] == (Verdict.VIOLATED, 5)


def test_what_is_asked_by_name_has_the_summary() -> None:
    """Tables of models, rules or kernels have no column for a line of the source."""
    assert [f.name for f in findings(check(hiding()))] == ["assertions", "deadlock_freedom"]


MODEL = '''
from explorer import Model, Part, Range, step, var

class Counter(Part):
    def __init__(self, m):
        super().__init__(m, "counter")
        self.n = var(Range(0, 3), 0)

def hiding():
    """An early assertion and a later one."""
    m = Model()
    counter = Counter(m)
    @m.thread("t")
    async def t():
        await step("one")
        assert counter.n == 1
        counter.n = 1
    @m.thread("u")
    async def u():
        await step("one")
        await step("two")
        assert counter.n == 1, "counted"
    return m
'''


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MODEL)
    return "mine.py:hiding"


def test_command_line(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", file, "--out", "out"]) == 1
    out = capsys.readouterr().out
    assert "assertions is violated: Every assert in the model is true." in out
    assert "assertion mine.py:22 is violated: counted" in out and "assertion mine.py:16 is violated:" not in out
    assert [line.split() for line in out.splitlines() if " violated at depth " in line] == [
        ["assertions", "violated", "at", "depth", "1"],
        ["assertion", "mine.py:16", "violated", "at", "depth", "1"],
        ["assertion", "mine.py:22", "violated", "at", "depth", "2"],
    ]
    assert len([*Path("out").glob("*.json")]) == 2
    assert main(["--model", file, "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert [(p["name"], p["kind"], p["verdict"], p["depth"], p["trace"]["schedule"]) for p in answer["properties"][:3]] == [
        ("assertions", "always", "violated", 1, "t"),
        ("assertion mine.py:16", "always", "violated", 1, "t"),
        ("assertion mine.py:22", "always", "violated", 2, "u*2"),
    ]  # fmt: skip


def test_file_of_tests(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A test for each run; it asks for `assertions`: a line is soon another, and a test for it would pass for ever."""
    main(["--model", file, "--format", "pytest"])
    text = capsys.readouterr().out
    tests = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
    assert tests == ["test_assertions", "test_assertion_mine_py_22"]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    for name in tests:
        with pytest.raises(AssertionError):
            namespace[name]()


def placed(*places: tuple[str, int, int, str]) -> System:
    action = lower(hiding()).actions[0]
    failing = [
        dataclasses.replace(
            action, outcome="failure", updates=(), failure=Failure("assert", text, Span(file, line, column))
        )
        for file, line, column, text in places
    ]
    return dataclasses.replace(lower(hiding()), actions=tuple(failing))


def test_names() -> None:
    """A line, unless two share it; then what is said; then the whole place. Never what something else is called."""
    a, b, c = ("x/mm.py", 4, 1, "a"), ("x/mm.py", 4, 9, "b"), ("y/mm.py", 7, 1, "a")
    assert assertions(placed(a, a)) == {}
    assert [*assertions(placed(a, b, c, a))] == [
        "assertion mm.py:4 (a)", "assertion mm.py:4 (b)", "assertion mm.py:7",
    ]  # fmt: skip
    assert [*assertions(placed(a, ("y/mm.py", 4, 1, "a")))] == [
        "assertion x/mm.py:4:1 (a)", "assertion y/mm.py:4:1 (a)",
    ]  # fmt: skip
    claim = Property("assertion mm.py:7", "always", placed(a).actions[0].guard, span=HERE)
    system = dataclasses.replace(placed(a, c), properties=(claim,))
    assert [*assertions(system)] == ["assertion mm.py:4", "assertion mm.py:7 (a)"]


# ---------------------------------------------------------------- going on after a stop


def sealed(system: System, folder: Path, bounds: Bounds, **more: Any) -> Outcome:
    native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
    found: Outcome = native.search(Task(system, bounds, resources=Resources(threads=1, folder=folder, **more)))
    return found


def test_resumed(tmp_path: Path) -> None:
    """Stopped between the two, and after both."""
    system = lower(hiding())
    whole = reference.search(Task(system, Bounds()))
    assert whole.depths == {"assertions": 2, EARLY: 2, LATE: 5}
    for depth in (0, 2, 4, 5):
        sealed(system, tmp_path / str(depth), Bounds(depth=depth))
        found = sealed(system, tmp_path / str(depth), Bounds(), resume=True)
        assert (found.depths, found.paths) == (whole.depths, whole.paths)


def foreign_assertions_are_refused() -> None:
    """A manifest that was written elsewhere names assertions that there are, with the actions that fail them."""
    system = lower(hiding())
    with tempfile.TemporaryDirectory() as made:
        foreign_targets_are_refused(system, Path(made))


def foreign_targets_are_refused(system: System, folder: Path) -> None:
    from tests.support.manifests import forged, of

    sealed(system, folder, Bounds(depth=5))
    targets = of(folder, "targets")
    assert targets.keys() == {"assertions", EARLY, LATE}
    early, late = targets[EARLY], targets[LATE]
    wrong: list[dict[str, Any]] = [
        {"assertion no.py:1": early},
        {EARLY: late},
        {LATE: [5, "actions", 0, late[3][:1]]},
        {LATE: [5, "stuck", 0, late[3]]},
        {LATE: [1, *late[1:]]},
        {"assertions": ...},
    ]
    for changes in wrong:
        forged(folder, targets={n: t for n, t in {**targets, **changes}.items() if t is not ...})
        with pytest.raises(UsageError):
            sealed(system, folder, Bounds(), resume=True)


def test_foreign_assertions_are_refused() -> None:
    foreign_assertions_are_refused()


# ---------------------------------------------------------------- every engine


def asserting(system: System) -> System:
    """The system, in which some steps also fail, each in one of four places, and nothing is an error of the model."""
    actions = [a for a in system.actions if a.outcome != "failure"]
    for number, action in enumerate(actions[::3]):
        if action.outcome == "step":
            stays = None if action.location is None else (*action.location[:2], action.location[1])
            failure = Failure("assert", "no", Span("generated.py", 1 + number % 4))
            actions.append(dataclasses.replace(action, updates=(), location=stays, outcome="failure", failure=failure))
    claims = tuple(dataclasses.replace(p, undefined=()) for p in system.properties)
    return dataclasses.replace(system, actions=tuple(actions), properties=claims)


def engines_agree(seeds: range = range(40)) -> None:
    """The depth of each assertion and its run, in the compiled search and in the evaluator; its depth with partial order."""
    from explorer.search.goals import search_goals
    from tests.support.outcomes import unequal

    native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
    several = same = later = 0
    for seed in seeds:
        system = asserting(race(seed) if seed % 2 else any_system(seed))
        for bounds in (Bounds(states=2000), Bounds(first=True, states=2000)):
            outcome = reference.search(Task(system, bounds))
            assert not unequal(native.search(Task(system, bounds, resources=Resources(threads=1))), outcome), seed
            if outcome.stopped != "states":
                assert search_goals(Task(system, bounds, "evaluator")).depths == outcome.depths, seed
        depths = [d for name, d in reference.search(Task(system, Bounds(states=2000))).depths.items() if " " in name]
        several += len(depths) > 1
        same += len(set(depths)) < len(depths)
        later += len(set(depths)) > 1
    assert several > 10 and same > 5 and later > 5, (several, same, later)


def test_engines_agree() -> None:
    engines_agree()


# ---------------------------------------------------------------- symmetry


def told_apart(*places: int) -> System:
    """Two processes that are alike but for where they start, and, with two places, for the assertion that they fail."""
    labels, names = ("finished", "a"), ("first", "second")
    cells = [
        Cell(f"p[{t}].at", Domain("location", 0, 1, labels=labels), (1,), owner=f"p[{t}]", pattern="p[*].at",
             indexes=(("Process", t),))
        for t in range(2)
    ]  # fmt: skip
    cells += [
        Cell(f"n[{t}]", Domain("range", 0, 3), (2 * t,), pattern="n", indexes=(("Process", t),)) for t in range(2)
    ]
    actions = []
    for t in range(2):
        here = Apply("eq", (Read(t, "int"), Constant(1)))
        failure = Failure("assert", "no", Span("generated.py", places[t % len(places)]))
        guards = [Apply("and", (here, Apply("eq", (Read(2 + t, "int"), Constant(count))))) for count in (0, 1)]
        who, at = f"p[{t}]", (t, 1, 1)
        actions.append(Action(who, "count", HERE, guards[0], ((2 + t, Constant(1)),), at, who))
        actions.append(Action(who, "claim", HERE, guards[1], (), at, who, outcome="failure", failure=failure))
    threads = tuple(Thread(f"p[{t}]", t, 0, (1,), (None, HERE)) for t in range(2))
    alike = (Interchangeable("Process", (0, 1), names, HERE),)
    return System("alike", tuple(cells), tuple(actions), (), threads, (), (), alike)


def alike_is_one_place() -> None:
    """Of values that fail different assertions one stands for no other: which fails, the initial state decides. Whoever
    certifies says so."""
    from explorer.answer.symmetries import symmetry_of
    from explorer.reduction.letter import to_the_letter

    pytest.importorskip("z3")
    from explorer.symbolic.symmetry import certify

    said: list[str] = []
    assert symmetry_of(told_apart(1), None) is not None
    system = told_apart(1, 2)
    for found, usual in ((f(system), f(told_apart(1))) for f in (to_the_letter, certify)):
        assert usual.symmetry is not None and usual.unused == ()
        assert (found.symmetry, found.refused) == (None, ())
        assert found.unused == ("Process: its values fail different assertions",)
        with pytest.raises(ValueError, match="different places"):
            reference.search(Task(system, Bounds(), symmetry=usual.symmetry))
    assert symmetry_of(system, said.append) is None
    assert said == ["no symmetry of Process: its values fail different assertions"]
    assert reference.search(Task(system, Bounds())).depths == {"assertions": 2, "assertion generated.py:1": 2}


def test_alike_is_one_place() -> None:
    alike_is_one_place()


def test_a_search_that_begins_again_tells_them_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the text shows to be alike is left out as what z3 certifies is."""
    from explorer.answer import symmetries

    monkeypatch.setattr(symmetries, "SMALL", 1)
    said: list[str] = []
    outcomes = [
        symmetries.symmetric_search(
            Task(told_apart(1, 2), Bounds(), "evaluator"), Listener(say=said.append), symmetric
        )[0]
        for symmetric in (None, False)
    ]
    assert outcomes[0].depths == outcomes[1].depths and outcomes[0].states == outcomes[1].states
    assert any("its values fail different assertions" in text for text in said)
