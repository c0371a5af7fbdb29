"""Families: every setting has the verdicts, depths and counts of a search of it alone, with both engines."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import shlex
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer import check, load
from explorer.cli.main import main
from explorer.errors import UsageError
from explorer.language.values import rule_text
from explorer.lowering import lower
from explorer.process import stop
from explorer.questions.family import Question, explore
from explorer.questions.vary import open_model, parameters_of, settled_parameters, varied_rule
from explorer.reduction.cubes import Points
from explorer.reduction.family import MOST_SETTINGS, check_count, family
from explorer.search import family as evaluated
from explorer.search.family import FamilySearch, members
from explorer.search.family_outcome import FamilyOutcome
from explorer.search.outcome import Bounds, Listener
from explorer.system.form import Apply, Cell, Constant, Domain, Read, System
from explorer.system.wellformed import check as check_system
from tests.support.families import BOUNDS, SAME, of_setting, system_with_rules, unequal

MODEL = '''
"""Two CPUs increment; a design may lock, check, or hold the lock for ever."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer import Model, Part, Range, Rules, always, eventually, step, var


class Lock(Enum):
    NONE = "none"
    TAKEN = "taken"
    LEAKED = "leaked"


@dataclass(frozen=True)
class Design(Rules):
    lock: Lock = Lock.NONE
    retry: bool = False
    twice: bool = False
    wide: bool = False

    @staticmethod
    def parse(text: str) -> Design:
        return Design()

    @property
    def name(self) -> str:
        return "plain"


class Counter(Part):
    def __init__(self, m: Model, design: Design) -> None:
        super().__init__(m, "counter")
        self.design = design
        self.held = var(bool, False)
        self.value = var(Range(0, 4), 0)
        self.done = var(Range(0, 2), 0)
        if self.design.wide:
            self.more = var(bool, False)

    async def increment(self) -> None:
        await step("read", when=lambda: not self.held)
        if self.design.lock is not Lock.NONE:
            self.held = True
        seen = self.value
        await step("write")
        if self.design.retry and self.value != seen:
            seen = self.value
        self.value = seen + (2 if self.design.twice else 1)
        if self.design.lock is not Lock.LEAKED:
            self.held = False
        self.done += 1


@always
def no_lost_update(counter: Counter) -> bool:
    """When both have finished, the counter says so."""
    return counter.done < 2 or counter.value == 2


@eventually
def both_done(counter: Counter) -> bool:
    """Both finish."""
    return counter.done == 2


def counter(*, design: Design = Design(), cpus: int = 2, eager: bool = True) -> Model:
    """Two CPUs increment."""
    m = Model()
    part = Counter(m, design)

    @m.thread("cpu", cpu=tuple(range(cpus)), fairness="weak" if eager else "none")
    async def worker(cpu: int) -> None:
        await part.increment()

    m.require(no_lost_update, both_done)
    m.reachable("two", lambda: part.value == 2)
    return m
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("counter.py").write_text(MODEL)


# ---------------------------------------------------------------- generated systems


def families_agree(seeds: range = range(40)) -> None:
    """The evaluator's search of a family says of each setting what a search of it alone does."""
    compared = 0
    for seed in seeds:
        made = family(system_with_rules(seed))
        check_system(made.system)
        for bounds in BOUNDS:
            outcome = FamilySearch(made, bounds).run()
            if outcome.stopped != "states":
                compared += len(made.settings)
                assert not unequal(made, outcome, bounds)
    assert compared > 5 * len(seeds)


def native_families_agree(seeds: range = range(40)) -> None:
    """The compiled search says what the evaluator's does, to the last figure, also where everything has to grow all the
    time."""
    native = pytest.importorskip("explorer.search.native.family", reason="numba can't be imported")
    for seed in seeds:
        made = family(system_with_rules(seed))
        with pytest.MonkeyPatch.context() as patch:
            if seed % 2:
                patch.setattr(native, "FIRST_STATES", 4)
                patch.setattr(native, "FIRST_SETS", 4)
            for bounds in (*BOUNDS, Bounds(states=9)):
                ours, theirs = native.search(made, bounds), FamilySearch(made, bounds).run()
                different = [n for n in SAME if getattr(ours, n) != getattr(theirs, n)]
                assert not different, f"seed {seed} {bounds}: {different}"


def test_evaluator() -> None:
    families_agree()


def test_native() -> None:
    native_families_agree()


@settings(max_examples=30, deadline=None)
@given(st.integers(100, 10**9))
def test_generated(seed: int) -> None:
    families_agree_on(seed)


def families_agree_on(seed: int) -> None:
    native = pytest.importorskip("explorer.search.native.family", reason="numba can't be imported")
    made = family(system_with_rules(seed))
    outcome = FamilySearch(made, BOUNDS[0]).run()
    compiled = native.search(made, BOUNDS[0])
    assert [getattr(compiled, n) for n in SAME] == [getattr(outcome, n) for n in SAME]
    if outcome.stopped != "states":
        assert not unequal(made, outcome, BOUNDS[0])


def test_some_settings() -> None:
    """Any list of settings, not only all of them."""
    system = next(s for s in map(system_with_rules, itertools.count()) if len(family(s).settings) > 8)
    every = family(system).settings
    some = every[1::3]
    made = family(system, some)
    assert made.settings == some
    assert not unequal(made, FamilySearch(made, BOUNDS[0]).run(), BOUNDS[0])


def test_sets_grow_by_any_number() -> None:
    tables_of_sets_grow()


def tables_of_sets_grow() -> None:
    """Sets are found again after their table grew by any number of places, as it does where a system has many actions."""
    native = pytest.importorskip("explorer.search.native.family", reason="numba can't be imported")
    for more in (1, 4_097, 18_272, 50_000, 123_457):
        sets = native.Sets(64)
        sets.reserve(more)
        size = len(sets.of.names)
        assert size >= 4 * sets.room and size & size - 1 == 0, f"{size} places: a mask does not reach them all"
        numbers = [sets.number(3 * i) for i in range(1, 3_000)]
        sets.reserve(more + sets.room)
        assert numbers == [sets.number(3 * i) for i in range(1, 3_000)]
        assert sets.members(numbers[-1]) == 3 * 2_999
    assert native.places(1) >= 2 and all(2 * n <= native.places(n) for n in range(1, 100))


def test_words_of_sets() -> None:
    """More settings than a word has bits: 3^5, each a counter that stops somewhere else."""
    from explorer.system.form import Action, Span

    native = pytest.importorskip("explorer.search.native.family", reason="numba can't be imported")
    here = Span("counters.py", 1)
    cells = [Cell(f"c{i}", Domain("range", 0, 2), (0,)) for i in range(5)]
    cells += [Cell(f"r{i}", Domain("range", 0, 2), (0, 1, 2), constant=True) for i in range(5)]
    actions = [
        Action(
            f"t{i}", "up", here, Apply("lt", (Read(i, "int"), Read(5 + i, "int"))),
            ((i, Apply("add", (Read(i, "int"), Constant(1)))),), None, name=f"up{i}",
        )
        for i in range(5)
    ]  # fmt: skip
    made = family(System("counters", tuple(cells), tuple(actions), ()))
    ours, theirs = native.search(made, Bounds()), FamilySearch(made, Bounds()).run()
    assert len(made.settings) == 243 and ours.states == 243
    assert [getattr(ours, n) for n in SAME] == [getattr(theirs, n) for n in SAME]
    for i, setting in enumerate(made.settings):
        expected = 1
        for most in setting:
            expected *= most + 1
        assert ours.states_of[i] == expected
        assert of_setting(ours, i)[4] == sum(setting)
    assert list(members(0b1011)) == [0, 1, 3]


# ---------------------------------------------------------------- models


def agrees(question: Question) -> dict[str, Any]:
    """The answer, after each setting of it was compared with a run of the model built for that setting."""
    answer = explore(question).to_json()
    function = load(question.model)
    parameters = parameters_of(function, question.parameters)
    wanted = [varied_rule(function, parameters, text) for text in question.vary]
    expected = {tuple(s["rules"].values()): s for s in answer["settings"]}
    for values in itertools.product(*(v.values for v in wanted)):
        result = check(
            function(**settled_parameters(parameters, list(zip(wanted, values, strict=True)))), engine="evaluator"
        )
        ours = expected.pop(tuple(map(rule_text, values)))
        theirs = {
            p.name: (p.verdict.value, p.depth if p.trace is None or p.trace.loop is None else len(p.trace.steps))
            for p in result.properties
        }
        found = {name: (v["verdict"], v["depth"]) for name, v in ours["verdicts"].items()}
        assert {n: v for n, v in found.items() if v != theirs[n]} == {}, ours["rules"]
        assert {n for n, v in theirs.items() if v[0] != "not applicable"} <= found.keys()
    assert not expected
    return answer


def test_fork_rules() -> None:
    """8 settings of fork beside GUP-fast; benchmarks/family.py compares 512 in the same way."""
    answer = agrees(
        Question(
            "gup_fast_fork",
            (("kernel", "v5.11"),),
            ("write_protect_seq", "fork=plain/early_copy", "gup_fast_seq_recheck"),
        )
    )
    assert answer["complete"] and answer["searches"] == 1 and answer["states"] < answer["states_apart"] / 2


def test_all_verdicts() -> None:
    """Violated, deadlock, liveness, reachable, what is built apart, and a parameter of the model."""
    answer = agrees(Question("counter.py:counter", (), ("lock", "retry", "twice", "wide", "eager")))
    assert answer["searches"] == 4 and [v["name"] for v in answer["vary"] if v["apart"]] == ["wide", "eager"]
    said = {(p["property"], g["verdict"]) for p in answer["properties"] for g in p["verdicts"]}
    assert {
        ("no_lost_update", "violated"), ("no_lost_update", "holds"), ("deadlock_freedom", "violated"),
        ("both_done", "violated"), ("both_done", "holds"), ("two", "reached"),
    } <= said  # fmt: skip


def test_a_setting_in_error() -> None:
    """It stops at its level, and the others go on."""
    answer = explore(Question("counter.py:counter", (("cpus", "3"),), ("twice", "lock"))).to_json()
    failing = [s["rules"] for s in answer["settings"] if s["error"] is not None]
    assert failing == [s["rules"] for s in answer["settings"] if s["rules"]["lock"] != "leaked"]
    assert explored("family --model counter.py:counter -p cpus=3 --vary twice,lock")[0] == 3


# ---------------------------------------------------------------- the command


def explored(words: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(shlex.split(words))
    return code, out.getvalue()


def test_text_and_json() -> None:
    code, text = explored("family --model counter.py:counter --vary lock,retry --property no_lost_update")
    assert code == 0
    assert "6 settings of\n  lock   none, taken, leaked\n  retry  off, on\n" in text
    assert "  violated at depth 4 in 1 setting\n      lock=none, retry=off\n" in text
    code, text = explored("family --model counter.py:counter --vary lock,retry --format json")
    answer = json.loads(text)
    assert code == 0 and len(answer["settings"]) == 6 and answer["complete"]


def test_warnings() -> None:
    """Of a rule that nothing reads."""
    code, text = explored(
        "family --model pin_cow_reuse --vary uffd_wp,reuse=mapcount/page_count --property pinned_page_stays"
    )
    assert code == 0 and "\nwarning: the rule uffd_wp varies, and nothing in this model reads it\n" in text


def test_what_a_model_reads_while_it_is_built() -> None:
    """Such a rule is read: nothing says of it that nothing reads it, and it counts among those that the model reads."""
    model = load("counter.py:counter")()
    assert model.rules_read.names(type(model.parameters["design"])) == set()  # before lowering nothing is known
    lower(model, [])
    assert "wide" in model.rules_read.names(type(model.parameters["design"]))


def test_bounds() -> None:
    code, text = explored("family --model counter.py:counter --vary lock --depth 2 --property no_lost_update")
    assert code == 4 and "holds to depth 2: no_lost_update" in text and "stopped (depth)" in text
    code, text = explored("family --model counter.py:counter --vary lock --max-states 3")
    assert code == 4 and "stopped (states)" in text


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known by then is an answer."""
    real = FamilySearch.expand

    def stop(self: FamilySearch) -> bool:
        if self.depth == 3:
            raise KeyboardInterrupt
        return real(self)

    monkeypatch.setattr(evaluated.FamilySearch, "expand", stop)
    code, text = explored("family --model counter.py:counter --vary lock,wide --property no_lost_update")
    assert code == 130
    assert "holds to depth 3" in text and "not searched in 3 settings" in text and "stopped (interrupt)" in text
    code, text = explored("family --model pin_cow_reuse --vary uffd_wp --property pinned_page_stays")
    assert code == 130 and "nothing in this model reads it" not in text, "a model not looked at may read it"


def test_time_is_over_before_the_compiled_search_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """numba compiles the loops for many seconds, and no exception ends it: what the evaluator has is the answer."""
    native = pytest.importorskip("explorer.search.native.family", reason="numba can't be imported")
    never = threading.Event()
    monkeypatch.setattr(native, "prepare", lambda: never.wait(30) and None)
    monkeypatch.setattr(evaluated, "SMALL", 3)
    began = time.monotonic()
    answer = explore(
        Question("counter.py:counter", vary=("lock",), properties=("no_lost_update",), seconds=2)
    ).to_json()
    assert time.monotonic() - began < 15, "it waited for the loops"
    never.set()
    assert answer["stopped"] == "seconds" and answer["engine"] == "evaluator" and answer["states"] > 0


def test_all_loops_are_prepared() -> None:
    """What is compiled later is compiled outside what is done patiently."""
    native = pytest.importorskip("explorer.search.native.family", reason="numba can't be imported")
    loops = native.loops
    kept = [name for name, loop in vars(loops).items() if type(getattr(loop, "_cache", None)).__name__ == "Loops"]
    kept.remove("combine")  # which other loops alone call
    native.prepare()
    before = {name: len(getattr(loops, name).signatures) for name in kept}
    assert before and all(before.values())
    systems = [
        s for s in map(system_with_rules, range(40)) if is_deep(FamilySearch(family(s), Bounds(states=200)).run())
    ]
    for system in systems[:5]:
        for bounds in (Bounds(), Bounds(depth=2)):
            native.search(family(system), bounds)
    assert {name: len(getattr(loops, name).signatures) for name in kept} == before


def test_time_is_over_while_another_value_is_lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a search for each value of what can't be left open; each has its time, with what is done before it."""
    from explorer.questions import family as questions

    real, count = open_model, itertools.count()

    def slow(*given: Any) -> Any:
        if next(count) == 0:
            stop.here()
            time.sleep(0.7)
            stop.here()
        return real(*given)

    monkeypatch.setattr(questions, "open_model", slow)
    question = Question("counter.py:counter", vary=("lock", "wide"), properties=("no_lost_update",), seconds=0.5)
    with stop.listening():
        answer = explore(question).to_json()
    assert answer["stopped"] == "seconds" and not answer["interrupted"] and not answer["complete"]
    assert [g["verdict"] for g in answer["properties"][0]["verdicts"]] == ["violated", "holds", "not searched"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--vary lok", "has no rule and no parameter 'lok'; did you mean lock?"),
        ("--vary lock=none/tken", "the rule lock has no value 'tken'; did you mean taken?"),
        ("--vary lock=none", "what varies needs two or more different values"),
        ("--vary cpus", "write --vary cpus=first/second"),
        ("--vary lock,lock", "lock is varied twice"),
        (
            "--vary ,",
            "nothing varies: write --vary RULE,...; with these parameters the model reads lock, retry, twice, wide",
        ),
        ("--vary lock --property nothing", "there is no property 'nothing'"),
    ],
)
def test_wrong_usage(words: str, said: str) -> None:
    code, text = explored(f"family --model counter.py:counter {words}")
    assert code == 2 and said in text


def test_too_many() -> None:
    check_count(MOST_SETTINGS)
    with pytest.raises(UsageError, match="16,385 settings, and one search takes at most 16,384: vary fewer"):
        check_count(MOST_SETTINGS + 1)


# ---------------------------------------------------------------- cubes


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cubes(data: st.DataObject) -> None:
    """A cover holds what is wanted and nothing else, no cube can grow, and none can be left out."""
    sizes = data.draw(st.lists(st.integers(2, 4), min_size=1, max_size=4))
    every = list(itertools.product(*map(range, sizes)))
    listed = data.draw(st.lists(st.sampled_from(every), unique=True, min_size=1))
    points = Points(listed, sizes)
    wanted = data.draw(st.integers(0, points.every))
    cubes = points.cover(wanted)
    inside = [points.inside(cube) for cube in cubes]
    covered = 0
    for one in inside:
        covered |= one
    assert covered == wanted
    for i, cube in enumerate(cubes):
        others = 0
        for j, one in enumerate(inside):
            others |= one if j != i else 0
        assert wanted & ~others
        for rule, values in enumerate(cube):
            for value in set(range(sizes[rule])) - set(values):
                larger = tuple((*v, value) if r == rule else v for r, v in enumerate(cube))
                assert points.inside(larger) & ~wanted or points.inside(larger) == points.inside(cube)


def is_deep(outcome: FamilyOutcome) -> bool:
    return not outcome.stopped and outcome.states > 50 and outcome.depth > 3


def test_engines() -> None:
    """`auto` starts the compiled search for many states, and says the same."""
    system = next(
        s
        for s in map(system_with_rules, itertools.count())
        if is_deep(FamilySearch(family(s), Bounds(states=2000)).run())
    )
    pytest.importorskip("explorer.search.native.family", reason="numba can't be imported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluated, "SMALL", 20)
        told: list[str] = []
        outcome = evaluated.search(family(system), BOUNDS[0], listener=Listener(say=told.append))
    assert outcome.engine == "native" and "more than 20 states" in told[0]
