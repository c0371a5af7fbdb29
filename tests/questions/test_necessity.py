"""What a model needs: each part is taken out as an edit of the file would, and what that breaks is said."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer import UsageError, check, load
from explorer.answer.catalogue import shipped_files
from explorer.answer.necessity import Need
from explorer.cache import content
from explorer.cli import necessity as verb
from explorer.cli.main import Parser, main
from explorer.lowering import lower, routines
from explorer.questions import workers
from explorer.questions.necessity import (
    Flip,
    Question,
    as_it_is,
    attempt,
    necessities,
    necessity,
    preparation,
    questions_of,
    stamp,
)
from explorer.questions.removal import Removal, edit, removals
from explorer.render.necessity import markdown

NECESSARY, UNKNOWN, NOT_NEEDED, REFUSED = (need.value for need in Need)
REPORT = Path(__file__).resolve().parents[2] / "reports" / "necessity.md"

MODEL = '''
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer import Model, Part, Range, Rules, UsageError, always, ghost, step, var
from explorer.models.linux.locks import SpinLock


class Back(Enum):
    NEVER = "never"
    ONCE = "once"


@dataclass(frozen=True)
class Design(Rules):
    looks: bool = True
    back: Back = Back.ONCE
    unread: bool = False

    @staticmethod
    def parse(text: str) -> Design:
        return {"all": Design(), "blind": Design(looks=False)}[text]


class Box(Part):
    """Holds up to two things."""

    def __init__(self, m: Model, design: Design) -> None:
        super().__init__(m, "box")
        self.design = design
        self.lock = SpinLock(m, "lock")
        self.things = var(Range(0, 3), 0)
        self.closed = var(bool, False)
        self.puts = var(Range(0, 3), 0)
        self.touched = ghost(var(bool, False))

    async def put(self) -> None:
        """mm/box.c:box_put()"""
        async with self.lock:
            await step("look", when=lambda: not self.closed)
            if self.design.looks:
                if self.things == 2:
                    return
            seen = self.things
            await step("put")
            self.things = seen + 1
            self.puts += 1
            self.touched = True

    async def wait(self) -> None:
        """mm/box.c:box_wait()"""
        full = False
        while not full:
            await step("wait", may_wait=True)
            full = self.things == 2
            if self.design.back is Back.NEVER:
                full = True
        assert self.things == 2, "done too early"
        self.closed = True


@always
def nothing_lost(box: Box) -> bool:
    """What was put is there."""
    return box.puts == box.things


@always
def not_too_many(box: Box) -> bool:
    """The box holds two."""
    return box.things <= 2


@always
def true(box: Box) -> bool:
    """Nothing can break it."""
    return box.touched or box.things == 0


def box(*, design: Design = Design(), puts: int = 3) -> Model:
    """Threads put things into a box; one waits until it is full."""
    m = Model()
    part = Box(m, design)

    @m.thread("cpu", cpu=range(puts))
    async def cpu(cpu: int) -> None:
        await part.put()

    @m.thread("waiter")
    async def waiter() -> None:
        await part.wait()

    @m.action("open", actor="user", when=lambda: part.closed)
    def open() -> None:
        assert part.closed, "it is open"
        part.closed = False

    m.require(nothing_lost, not_too_many, true)
    m.reachable("full", lambda: part.things == 2)
    return m
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "box.py").write_text(MODEL)
    yield tmp_path


def explore(command: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(shlex.split(command))
    return code, out.getvalue()


def said(answer: dict[str, Any]) -> dict[tuple[str, str, str], tuple[str, list[tuple[str, int]]]]:
    """What was taken out -> the verdict and what it breaks."""
    return {
        (r["kind"], r["text"], r["way"]): (r["verdict"], [(b["property"], b["depth"]) for b in r["breaks"]])
        for r in answer["removals"]
    }


EXPECTED = {
    ("lock", "self.lock", "not taken"): (NECESSARY, [("nothing_lost", 6)]),
    ("guard", "not self.closed", "always true"): (NOT_NEEDED, []),
    ("decision", "self.things == 2", "always false"): (NECESSARY, [("not_too_many", 9)]),
    ("decision", "self.things == 2", "always true"): (NOT_NEEDED, []),
    ("statement", "self.things = seen + 1", "left out"): (NECESSARY, [("nothing_lost", 3)]),
    ("statement", "self.puts += 1", "left out"): (NECESSARY, [("nothing_lost", 3)]),
    ("decision", "not full", "at most once"): (NECESSARY, [("assertions", 1)]),
    ("statement", "self.closed = True", "left out"): (NOT_NEEDED, []),
    ("guard", "part.closed", "always true"): (NECESSARY, [("assertions", 1)]),
    ("statement", "await part.put()", "left out"): (NOT_NEEDED, []),
    ("statement", "await part.wait()", "left out"): (NOT_NEEDED, []),
    ("statement", "part.closed = False", "left out"): (NOT_NEEDED, []),
    ("rule", "looks=on", "looks=off"): (NECESSARY, [("not_too_many", 9)]),
    ("rule", "back=once", "back=never"): (NECESSARY, [("assertions", 1)]),
}
# an edit of the file by hand, in another way than the tool's
BY_HAND = {
    ("lock", "self.lock", "not taken"): (
        "        async with self.lock:\n",
        '        if True:\n            await step("lock")\n',
    ),
    ("guard", "not self.closed", "always true"): (", when=lambda: not self.closed", ""),
    ("decision", "self.things == 2", "always false"): (
        "                if self.things == 2:\n                    return\n",
        "                pass\n",
    ),
    ("decision", "self.things == 2", "always true"): ("if self.things == 2:\n", "if self.things == self.things:\n"),
    ("statement", "self.things = seen + 1", "left out"): ("            self.things = seen + 1\n", ""),
    ("statement", "self.puts += 1", "left out"): ("            self.puts += 1\n", ""),
    ("decision", "not full", "at most once"): ("while not full:", "for _ in (0,):"),
    ("statement", "self.closed = True", "left out"): ("        self.closed = True\n", ""),
    ("guard", "part.closed", "always true"): (", when=lambda: part.closed", ""),
}


def test_answer() -> None:
    """All that the model does is taken out, by kind; what only a ghost sees, and a rule that nothing reads, is not."""
    answer = necessity(Question("box.py:box")).to_json()
    assert said(answer) == EXPECTED
    assert answer["complete"] and answer["states"] == 43
    numbered = [r["text"] for r in answer["removals"]]
    assert {p["property"]: [numbered[i] for i in p["broken_by"]] for p in answer["properties"]} == {
        "nothing_lost": ["self.lock", "self.things = seen + 1", "self.puts += 1"],
        "not_too_many": ["self.things == 2", "looks=on"],
        "true": [],
        "assertions": ["not full", "part.closed", "back=once"],
        "deadlock_freedom": [],
    }


@pytest.mark.parametrize("key", BY_HAND, ids=" ".join)
def test_as_an_edit_by_hand(key: tuple[str, str, str]) -> None:
    """Without a part, the search finds what it finds of the file edited by hand: states, transitions, verdicts."""
    answer = necessity(Question("box.py:box")).to_json()
    [removal] = [r for r in answer["removals"] if (r["kind"], r["text"], r["way"]) == key]
    old, new = BY_HAND[key]
    assert MODEL.count(old) == 1
    Path("edited.py").write_text(MODEL.replace(old, new))
    result = check(load("edited.py:box")())
    assert removal["states"] == result.states
    broken = {p.name: p.depth for p in result.violated}
    assert {b["property"]: b["depth"] for b in removal["breaks"]} == broken
    if broken:
        trace = removal["trace"]
        assert len(result.trace(trace["property"]).steps) == removal["breaks"][0]["depth"]
        assert "not CPython" in trace["note"] and trace["replay"] is None


def test_rules_are_replayed() -> None:
    """A rule with another value is a model like any other: CPython replays its counterexample."""
    question = Question("rdma_fork", (("kernel", "v6.8"),), ("pinned_page_stays",), depth=12)
    candidates, base = preparation(question).candidates, as_it_is(question)
    [at] = [i for i, c in enumerate(candidates) if isinstance(c, Flip) and c.rule == "foll_pin"]
    record = attempt(question, at, base)
    assert (record.text, record.way, record.verdict) == ("foll_pin=on", "foll_pin=off", Need.NECESSARY)
    assert record.trace is not None and record.trace.replay is not None
    assert "--kernel v6.8+foll_pin=off" in record.trace.replay
    code, shown = explore(record.trace.replay.removeprefix("explore "))
    assert code == 1 and "violated at the end: pinned_page_stays" in shown


def test_bound() -> None:
    """What a bound hides is unknown; what breaks before it is necessary all the same."""
    answer = necessity(Question("box.py:box", depth=4)).to_json()
    found = {key: verdict for key, (verdict, _) in said(answer).items()}
    assert not answer["complete"] and NOT_NEEDED not in found.values()
    assert found["lock", "self.lock", "not taken"] == UNKNOWN
    assert found["statement", "self.puts += 1", "left out"] == NECESSARY


def test_model_in_error_without_it() -> None:
    """A range that is left is named as such."""
    Path("box.py").write_text(MODEL.replace("Range(0, 3), 0", "Range(0, 2), 0"))
    answer = necessity(Question("box.py:box", properties=("true",))).to_json()
    [record] = [r for r in answer["removals"] if r["text"] == "self.things == 2" and r["way"] == "always false"]
    assert record["verdict"] == NECESSARY
    assert record["breaks"] == [{"property": "the model is in error", "depth": 9}]
    assert record["reason"] == "box.things would become 3; its range is 0..2"
    assert "its range is 0..2" in record["trace"]["diagram"]


def test_what_cannot_be_taken_out() -> None:
    """Without its only call before a store, a thread would store before its first step."""
    Path("box.py").write_text(
        MODEL.replace("        await part.put()\n", "        await part.put_twice()\n").replace(
            "    async def wait(",
            '    async def put_twice(self) -> None:\n        """mm/box.c:twice()"""\n'
            "        await self.put()\n        self.closed = False\n\n    async def wait(",
        )
    )
    answer = necessity(Question("box.py:box", (("puts", "1"),))).to_json()
    [record] = [r for r in answer["removals"] if r["verdict"] == REFUSED]
    assert record["text"] == "await self.put()"
    assert "before a thread's first step" in record["reason"]


RETRY = '''
"""A reader looks again whether a writer was there meanwhile: nothing here mirrors a kernel function but one routine."""

from explorer import Model, Part, Range, always, ghost, step, var


class Seq(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "seq")
        self.count = var(Range(0, 2), 0)
        self.low = var(Range(0, 1), 0)
        self.high = var(Range(0, 1), 0)
        self.torn = ghost(var(bool, False))
        self.reads = var(Range(0, 1), 0)

    async def write(self) -> None:
        """lib/seq.c:write_seq()"""
        self.count += 1
        await step("store low")
        self.low = 1
        await step("store high")
        self.high = 1
        self.count += 1

    async def look(self) -> bool:
        """What a reader sees."""
        await step("read low")
        begun, low = self.count, self.low
        await step("read high")
        high = self.high
        if begun % 2 or self.count != begun:
            return False
        self.torn = low != high
        self.reads = 1
        return True


@always
def whole(seq: Seq) -> bool:
    """No reader sees half of a write."""
    return not seq.torn


def seq() -> Model:
    """A writer, and a reader that tries again."""
    m = Model()
    part = Seq(m)

    @m.thread("writer")
    async def writer() -> None:
        await step("begin")
        await part.write()

    @m.thread("reader")
    async def reader() -> None:
        done = False
        while not done:
            done = await part.look()

    m.require(whole)
    return m
'''


def decisions_of_everybody() -> None:
    """The retry check of a model that mirrors a kernel function elsewhere is taken out too, and is what it rests on."""
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        Path("seq.py").write_text(RETRY)
        answer = necessity(Question("seq.py:seq")).to_json()
        found = said(answer)
        check = "begun % 2 or self.count != begun"
        assert found.get(("decision", check, "always false")) == (NECESSARY, [("whole", 4)])
        assert found["decision", check, "always true"][0] == NOT_NEEDED
        assert ("decision", "not done", "at most once") in found and (
            "statement",
            "self.reads = 1",
            "left out",
        ) in found
        # every node of the routines that does or decides something is taken out, or stands among what is not, with a reason
        stated = {text for _, text, _ in found} | {p["text"] for p in answer["passed_over"]}
        tree = ast.parse(RETRY)
        routines = [n for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef)]
        nodes: list[ast.stmt] = []
        nodes += [n for r in routines for n in ast.walk(r) if isinstance(n, ast.Assign | ast.AugAssign)]
        nodes += [n for r in routines for n in ast.walk(r) if isinstance(n, ast.Return) and n.value is not None]
        assert nodes and {ast.unparse(n) for n in nodes} <= stated
        tests = [n.test for r in routines for n in ast.walk(r) if isinstance(n, ast.If | ast.While)]
        assert {ast.unparse(n) for n in tests} <= stated
        reasons = {p["text"]: p["reason"] for p in answer["passed_over"]}
        assert reasons["self.torn = low != high"] == "what only ghosts see"
        assert reasons["step('read low')"] == "a step stays a step"
        assert reasons["return True"] == "what a routine returns"
        assert (
            reasons["done = await part.look()"] == reasons["high = self.high"] == "a local, or the result of a routine"
        )


def test_decisions_of_everybody() -> None:
    decisions_of_everybody()


def test_nothing_is_left_out_silently() -> None:
    """What is not taken out stands in the answer; what was taken out and changes nothing, too."""
    answer = necessity(Question("box.py:box", (("design", "blind"),))).to_json()
    reasons = {(p["text"], p["reason"]) for p in answer["passed_over"]}
    assert ("self.things == 2", "a decision that always goes the same way, or is never built") in reasons
    assert ("return", "never built with these parameters") not in reasons  # the decision around it says so
    assert ("self.touched = True", "what only ghosts see") in reasons
    assert ("assert part.closed, 'it is open'", "an assertion is a check") in reasons
    assert any(reason == "a part of a lock, which is taken out as one" for _, reason in reasons)
    answer = necessity(Question("box.py:box", kinds=("guard",))).to_json()
    asked = {p["reason"] for p in answer["passed_over"] if p["text"] == "self.things = seen + 1"}
    assert asked == {"not asked: a statement (asked: guard)"}
    _, text = explore("necessity --model box.py:box -p design=blind --jobs 1")
    assert "not taken out: " in text and "  a decision that always goes the same way, or is never built  " in text


def bounds_are_said() -> None:
    """That nothing breaks a property is said without more only where every search was complete."""
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        Path("box.py").write_text(MODEL)
        _, text = explore("necessity --model box.py:box --jobs 1 --property true")
        assert "nothing that was taken out breaks it\n" in text
        code, text = explore("necessity --model box.py:box --jobs 1 --property true --depth 2")
        assert code == 4 and "nothing that was taken out breaks it, as far as the searches went\n" in text


def test_bounds_are_said() -> None:
    bounds_are_said()


def test_never_reached() -> None:
    answer = necessity(Question("box.py:box", (("puts", "1"),))).to_json()
    reached = {r["text"]: r["reached"] for r in answer["removals"]}
    assert reached["self.things = seen + 1"] and not reached["self.closed = True"]


def test_violated_already() -> None:
    """Of a property that is violated as it is, nothing is learned."""
    answer = necessity(Question("box.py:box", (("design", "blind"),))).to_json()
    told = {p["property"]: (p["violated_already"], p["broken_by"]) for p in answer["properties"]}
    assert told["not_too_many"] == (True, [])
    assert not any(b["property"] == "not_too_many" for r in answer["removals"] for b in r["breaks"])
    _, shown = explore("necessity --model box.py:box -p design=blind --jobs 1")
    assert "not_too_many      violated with nothing taken out" in shown


def test_properties_stay_as_they_are() -> None:
    """A property that calls a routine of a part still means the routine of the file."""
    Path("box.py").write_text(
        MODEL.replace("return box.things <= 2", "return not box.full()")
        .replace(
            "    async def put(",
            '    def full(self) -> bool:\n        """mm/box.c:full()"""\n'
            "        if self.things > 2:\n            return True\n        return False\n\n    async def put(",
        )
        .replace("if self.things == 2:", "if self.things == 2 or self.full():")
    )
    model = load("box.py:box")()
    [removal] = [r for r in removals(model, routines(model)) if r.text == "self.things > 2" and r.way == "always true"]
    changed, plain = lower(model, None, edit(removal)), lower(model, None)
    assert changed.properties == plain.properties and changed.actions != plain.actions


def test_processes() -> None:
    assert necessity(Question("box.py:box"), jobs=2) == necessity(Question("box.py:box"))


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = workers.each

    def stopped(*args: Any) -> Iterator[Any]:
        yield next(real(*args))
        raise KeyboardInterrupt

    monkeypatch.setattr(workers, "each", stopped)
    code, shown = explore("necessity --model box.py:box --jobs 1")
    assert code == 130 and "interrupted: the rest was not tried" in shown and "1. lock self.lock" in shown


def test_command() -> None:
    code, shown = explore("necessity --model box.py:box --jobs 1")
    assert code == 0
    assert "  1. lock self.lock: not taken (box_put(), box.py:41)\n      breaks nothing_lost (6 steps)\n" in shown
    assert "  true              nothing that was taken out breaks it\n" in shown
    assert max(map(len, shown.splitlines())) <= 100
    code, traced = explore("necessity --model box.py:box --jobs 1 --traces")
    assert "// nothing_lost is violated" in traced and "not CPython" in traced
    code, whole = explore("necessity --model box.py:box --jobs 1 --format json")
    assert json.loads(whole) == json.loads(json.dumps(necessity(Question("box.py:box")).to_json()))
    assert explore("necessity --model box.py:box --depth 3 --jobs 1")[0] == 4
    code, shown = explore("necessity --model box.py:box --property nothing")
    assert code == 2 and "there is no property 'nothing'" in shown
    assert explore("necessity --model box.py:box -p puts=two")[0] == 2


def test_removals_are_plain_data() -> None:
    """They are the same each time, and each is one thing."""
    first, again = (removals(m, routines(m)) for m in (load("box.py:box")(), load("box.py:box")()))
    assert first == again and len(set(first)) == len(first)
    assert all(isinstance(r, Removal) and r.file.endswith("box.py") for r in first)


# ---------------------------------------------------------------- all models


def test_what_is_asked_of_a_model() -> None:
    """Guards, locks and rules where it keeps its promises; everything with the parameters that its file names."""
    plain = questions_of(load("box.py:box"), None, None, 9)
    assert plain == [Question("box.py:box", (), None, None, 9, ("guard", "lock", "rule"))]
    assert {r["kind"] for r in necessity(plain[0]).to_json()["removals"]} == {"guard", "lock", "rule"}
    Path("more.py").write_text(MODEL + '\n\nFIXED = {"puts": 1}\nNECESSITY = ({"design": "blind"},)\n')
    fixed, named = questions_of(load("more.py:box"), ("true",), 3, None)
    assert (fixed.parameters, named.parameters) == ((("puts", "1"),), (("design", "blind"),))
    assert fixed.kinds is not None and named == Question("more.py:box", (("design", "blind"),), ("true",), 3, None)
    Path("wrong.py").write_text(MODEL + '\n\nNECESSITY = ({"desing": "blind"},)\n')
    with pytest.raises(UsageError, match="NECESSITY of the model wrong.py:box names 'desing'"):
        questions_of(load("wrong.py:box"), None, None, None)


def test_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd() / "cache"))
    asked = [Question("box.py:box"), Question("box.py:box", (("design", "blind"),))]
    answers = necessities(asked)
    assert answers == [necessity(q) for q in asked]
    made = markdown(answers, ["head"])
    assert (
        "| `nothing_lost` | 6 removals | statement `self.things = seen + 1`: left out in [box.py:box](#1): 3 steps |"
        in made
    )
    assert "| `true` | 0 removals |  |" in made and "Violated with nothing taken out: `not_too_many`." in made
    assert "| lock `self.lock`: not taken | `box_put()` | `nothing_lost` at 6 |" in made
    monkeypatch.setattr("explorer.questions.necessity.necessity", None)
    assert necessities(asked) == answers  # what is kept


@pytest.mark.parametrize(
    "command", ["necessity", "necessity --all --model box.py:box", "necessity --all --kernel v6.8"]
)
def test_all_or_one(command: str) -> None:
    code, shown = explore(command)
    assert code == 2 and "necessity takes --model NAME, with -p and --kernel; or --all" in shown


def test_report_is_current() -> None:
    """`reports/necessity.md` was made from the sources as they are. It says the command that makes it anew."""
    said = REPORT.read_text()
    command = re.findall(r"Made by `explore necessity (.*?)`", said)[0]
    parser = Parser()
    verb.arguments(parser)
    asked = verb.questions(parser.parse_args(shlex.split(command)))
    digest = content.digest(*map(stamp, asked))
    assert f"Sources: `{digest}`" in said, f"it is stale: explore necessity {command}"
    assert {q.model for q in asked} == set(shipped_files("models"))


def test_every_property_is_broken_by_a_removal() -> None:
    """None of them is vacuous."""
    found = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+) removals? \|", REPORT.read_text(), re.M))
    assert set(found) == {*shipped_files("properties"), "assertions", "deadlock_freedom"}
    assert [name for name, count in found.items() if count == "0"] == []
