"""A run ends when it is told to; `python -m tests.stops` tries every phase and every way, here are a few."""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from explorer import check, load
from explorer.answer.checking import with_proofs
from explorer.answer.counterexample import make_trace
from explorer.answer.result import Result, Verdict
from explorer.lowering import lower
from explorer.process import stop
from explorer.search import reference
from explorer.search.outcome import Bounds, Task
from tests.stops import EXPLORE, PHASES, ROOT, WAYS, told

pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
SAMPLE = [
    ("spilling", "SIGTERM"),
    ("compiled search", "SIGINT twice"),
    ("matrix", "SIGKILL"),
    ("counterexamples", "full disk"),
    ("LLVM", "SIGINT"),
]


@pytest.mark.parametrize(("phase", "way"), SAMPLE)
def test_told_to_stop(phase: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.stops.LONGEST", 3.0)
    monkeypatch.setattr("tests.stops.LIMIT", 20.0)  # other tests are running
    assert not told(phase, way, 1, tmp_path).wrong


def test_every_phase_and_way_is_named() -> None:
    """Every command has a row, but those that only read."""
    from explorer.cli.main import VERBS

    named = {phase.words[0] for phase in PHASES.values()} | {"run"}
    assert set(VERBS) - named == {"list", "show", "diff", "resume"}
    assert len(WAYS) == 10


def test_who_hears_says_so() -> None:
    """Whoever takes an interrupt for an answer tells that it has arrived: else it is raised again, in the midst of the answer."""
    silent, heard = [], 0
    for file in sorted((ROOT / "explorer").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.ExceptHandler)
                and node.type is not None
                and "KeyboardInterrupt" in ast.unparse(node.type)
            ):
                said = any(ast.unparse(n) in ("stop.caught()", "caught()") for n in node.body)
                heard += said
                silent += [] if said else [f"{file.name}:{node.lineno}"]
    assert not silent and heard > 10


@pytest.fixture
def clean() -> Any:
    before = dataclasses.replace(stop.told)
    yield
    for field in dataclasses.fields(stop.Told):
        setattr(stop.told, field.name, getattr(before, field.name))


def test_a_level_is_whole_or_not_counted(clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told at each place where the evaluator asks: what it says of the levels before is what a search to that depth says."""
    system = lower(load(f"{ROOT}/tests/models/cow.py:cow")())
    whole = [reference.search(Task(system, Bounds(depth=d))) for d in range(30)]
    asked, fire = [0], [0]
    usual = stop.here

    def here() -> None:
        asked[0] += 1
        if asked[0] == fire[0]:
            raise KeyboardInterrupt
        usual()

    monkeypatch.setattr(stop, "here", here)
    for fire[0] in range(1, 60):
        asked[0] = 0
        found = reference.search(Task(system, Bounds()))
        if found.complete:
            break
        expected = whole[found.depth]
        assert found.stopped == "interrupt"
        assert (found.states, found.transitions) == (expected.states, expected.transitions) or found.depth == 0
        assert {n: p for n, p in found.paths.items() if n != reference.DEADLOCK}.items() <= expected.paths.items()
    else:
        pytest.fail("it never came to an end")


def test_what_has_no_replayed_run_is_undecided(clean: None) -> None:
    not_replayed_is_undecided()


def not_replayed_is_undecided() -> None:
    """A violation whose run could not be replayed in time is neither `violated` nor `holds`."""

    usual = make_trace

    def never(model: Any, system: Any, path: Any, name: str, **more: Any) -> Any:
        if name == "pinned_page_stays":
            raise KeyboardInterrupt
        return usual(model, system, path, name, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("explorer.answer.checking.make_trace", never)
        result = check(load("rdma_fork")(), properties=["pinned_page_stays"])
    given = result["pinned_page_stays"]
    assert given.verdict is Verdict.UNDECIDED
    assert given.reason.startswith("the search found it violated at depth 12, but it was interrupted")
    assert result.exit_code == 130


def test_the_time_is_over_before_the_search() -> None:
    reading_takes_time()


def reading_takes_time() -> None:
    result = check(load("rdma_fork")(), max_seconds=0.001)
    assert (result.stopped, result.states, result.exit_code) == ("seconds", 0, 4)
    assert {p.verdict for p in result.properties} <= {Verdict.UNDECIDED, Verdict.NOT_APPLICABLE}
    assert "nothing was checked, stopped by --max-seconds" in str(result)


@pytest.mark.parametrize("bound", [{"max_states": 9000}, {"max_seconds": 3.0}, {"depth": 9}])
def test_nothing_is_proved_after_a_stop(bound: dict[str, Any]) -> None:
    proved_to_a_depth_only(bound)


def stopped_by_states_proves_nothing() -> None:
    proved_to_a_depth_only({"max_states": 9000})


def proved_to_a_depth_only(bound: dict[str, Any]) -> None:
    """A depth is a question; time, states and signals are not."""
    asked: list[str] = []

    def noted(result: Result, *_: Any) -> Result:
        asked.append(result.stopped)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("explorer.answer.checking.with_proofs", noted)
        check(load(f"{ROOT}/benchmarks/models/cow.py:cow")(frames=4), engine="native", **bound)
    assert asked == (["depth"] if "depth" in bound else [])


def test_a_broken_off_query_is_kept_nowhere(clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """z3 says `unknown` when it is broken off: that is no answer, and no certificate is made of it."""
    z3 = pytest.importorskip("z3")
    from explorer.symbolic.encode import is_refuted

    solver = z3.SolverFor("QF_BV", ctx=(context := z3.Context()))
    x, y, m = (z3.BitVec(n, 64, context) for n in "xym")
    solver.add(x * y == m, m == 0x7FFFFFFFFFFFFFE7, z3.UGT(x, 1), z3.UGT(y, 1), z3.ULT(x, 1 << 32), z3.ULT(y, 1 << 32))
    began = time.monotonic()
    with stop.within(0.3), pytest.raises(stop.Interrupted):
        is_refuted(solver)
    assert time.monotonic() - began < 10
    system = lower(load("rdma_fork")())
    result = check(load("rdma_fork")(), depth=3)
    kept: list[Any] = []
    monkeypatch.setattr("explorer.cache.kept.keep_json", lambda *a: kept.append(a))
    monkeypatch.setattr("explorer.cache.kept.recall_json", lambda *a: None)
    with stop.within(0.0):
        assert with_proofs(result, system, None).stopped == "seconds"
    assert not kept


def shell(text: str) -> tuple[int, str, str]:
    made = subprocess.run(["bash", "-c", text], cwd=ROOT, capture_output=True, text=True)
    return made.returncode, made.stdout, made.stderr


def test_streams_that_cannot_be_written(tmp_path: Path) -> None:
    explore = " ".join(EXPLORE)
    line = "explore: standard output can't be written: {}\n"
    assert shell(f"{explore} list models > /dev/full") == (71, "", line.format("no space left on device"))
    assert shell(f"{explore} list models >&-") == (71, "", line.format("it is closed"))
    code, out, err = shell(f"{explore} list models 2>&-")
    assert (code, err) == (0, "") and out.startswith("models:")
    assert shell(f"{explore} list nothing 2>/dev/full") == (2, "", "")
    violated = f"{explore} --model rdma_fork --kernel v4.19 --property pinned_page_stays"
    code, out, err = shell(f"{violated} --out {tmp_path} | head -1; exit ${{PIPESTATUS[0]}}")
    assert (code, out, err) == (1, "rdma_fork  kernel v4.19\n", "")
    assert len(list(tmp_path.iterdir())) == 3
    assert shell(f"{violated} --quiet | head -0; exit ${{PIPESTATUS[0]}}")[0] in (1, 141)


def test_without_memory_the_evaluator_does(tmp_path: Path) -> None:
    explore = " ".join(EXPLORE)
    limited = f"ulimit -v 1500000; {explore} --model benchmarks/models/cow.py:cow -p frames=4 --max-states 9000"
    code, out, err = shell(limited)
    assert code == 4 and "warning: the compiled search" in out and "Traceback" not in err
    code, out, err = shell(f"ulimit -v 100000; {explore} --model rdma_fork")
    assert code in (0, 1, 4, 71) and "Traceback" not in err
