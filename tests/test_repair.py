"""Repairs: all least changes that make a property hold, what they cost, and why nothing less does."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from explorer import load, replay
from explorer.cli.main import main
from explorer.family import Question as Settings
from explorer.family import explore
from explorer.repair import Question, repair
from explorer.vary import parameters_of, varied

MODEL = '''
"""Two CPUs increment; a design may lock, look again, or hold the lock for ever."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer import Model, Part, Range, Rules, UsageError, always, always_step, before, step, var


class Lock(Enum):
    NONE = "none"
    TAKEN = "taken"
    LEAKED = "leaked"


@dataclass(frozen=True)
class Design(Rules):
    lock: Lock = Lock.NONE
    retry: bool = False
    again: bool = False
    loud: bool = False
    wide: bool = False

    @staticmethod
    def parse(text: str) -> Design:
        words = text.split("+")
        if words[0].upper() not in Lock.__members__:
            raise UsageError(f"no design is named {text!r}")
        return Design(Lock[words[0].upper()], "retry" in words, "again" in words, "loud" in words, "wide" in words)

    @property
    def name(self) -> str:
        on = [word for word in ("retry", "again", "loud", "wide") if getattr(self, word)]
        return "+".join([self.lock.value, *on])


class Counter(Part):
    def __init__(self, m: Model, design: Design) -> None:
        super().__init__(m, "counter")
        self.design = design
        self.held = var(bool, False)
        self.value = var(Range(0, 2), 0)
        self.done = var(Range(0, 2), 0)
        if self.design.wide:
            self.more = var(bool, False)

    async def increment(self) -> None:
        await step("read", when=lambda: not self.held)
        if self.design.lock is not Lock.NONE:
            self.held = True
        seen = self.value
        await step("write")
        if self.design.loud:
            assert self.value == seen, "the value has changed"
        if self.design.retry or self.design.again and self.value != seen:
            seen = self.value
        self.value = seen + 1
        if self.design.lock is not Lock.LEAKED:
            self.held = False
        self.done += 1


@always
def no_lost_update(counter: Counter) -> bool:
    """When both have finished, the counter says so."""
    return counter.done < 2 or counter.value == 2


@always_step
def grows(counter: Counter) -> bool:
    """Who is done has counted."""
    return counter.done == before(lambda: counter.done) or counter.value > before(lambda: counter.value)


def counter(*, design: Design = Design()) -> Model:
    """Two CPUs increment."""
    m = Model()
    part = Counter(m, design)

    @m.thread("cpu", cpu=(0, 1))
    async def worker(cpu: int) -> None:
        await part.increment()

    m.require(no_lost_update, grows)
    m.reachable("two", lambda: part.value == 2)
    return m
'''
RULES = ("lock", "retry", "again", "loud")
SIZES = (("none", "taken", "leaked"), ("off", "on"), ("off", "on"), ("off", "on"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("counter.py").write_text(MODEL)


def design(lock: str, *rest: str) -> str:
    return "+".join([lock, *(rule for rule, value in zip(RULES[1:], rest, strict=True) if value == "on")])


def repaired(prop: str, text: str = "none", rules: tuple[str, ...] = RULES) -> dict[str, Any]:
    name = "counter.py:counter"
    given = (("design", text),)
    function = load(name)
    wanted = [varied(function, parameters_of(function, given), rule) for rule in rules]
    return repair(function, Question(given, prop), wanted)


def changes(answer: dict[str, Any]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset((c["rule"], c["value"]) for c in r["changes"]) for r in answer["repairs"]}


def repairs_are_least() -> None:
    """From every design that violates a property, the repairs are the least changes to one that does not: by brute force."""
    import os
    import tempfile

    before = os.getcwd()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        try:
            Path("counter.py").write_text(MODEL)
            by_brute_force()
        finally:
            os.chdir(before)


def by_brute_force() -> None:
    answer = explore(Settings("counter.py:counter", (), RULES))
    compared = 0
    for prop in ("no_lost_update", "grows", "assertions", "deadlock_freedom"):
        holds = {
            tuple(s["rules"][rule] for rule in RULES): s["verdicts"][prop]["verdict"] == "holds"
            for s in answer["settings"]
        }
        for base in itertools.product(*SIZES):
            if holds[base] or base[2] == "on":
                continue
            good = [frozenset(c for c in zip(RULES, s, base, strict=True) if c[1] != c[2]) for s in holds if holds[s]]
            least = {frozenset(c[:2] for c in one) for one in good if not any(other < one for other in good)}
            assert changes(repaired(prop, design(*base))) == least, (prop, base)
            compared += 1
    assert compared >= 8


def test_least() -> None:
    repairs_are_least()


def test_costs_and_counterexamples() -> None:
    """A repair that opens a deadlock is shown as such; every counterexample replays, and its cube has settings that all
    violate."""
    answer = repaired("no_lost_update")
    by_change = {next(iter(c["rule"] + "=" + c["value"] for c in r["changes"])): r for r in answer["repairs"]}
    assert list(by_change) == ["again=on", "lock=taken", "lock=leaked", "loud=on", "retry=on"]
    costs = {name: [(b["property"], b["verdict"]) for b in r["breaks"]] for name, r in by_change.items()}
    assert costs["lock=leaked"] == [("two", "unreachable"), ("deadlock_freedom", "violated")]
    assert costs["lock=taken"] == costs["retry=on"] == []
    assert costs["loud=on"] == [("assertions", "violated")]
    everything = explore(Settings("counter.py:counter", (), RULES))["settings"]
    for one in answer["counterexamples"]:
        inside = [s for s in everything if all(s["rules"][rule] in values for rule, values in one["cube"].items())]
        assert inside and all(s["verdicts"]["no_lost_update"]["verdict"] == "violated" for s in inside)
        assert one["depth"] == 4 and "no_lost_update" in one["diagram"]
        assert len(replay(load("counter.py:counter")(), one["schedule"])[0].steps) == 4
    assert answer["complete"] and answer["checked"]["settings"] == 24


def test_more_changes_can_undo() -> None:
    """A repair that a further change undoes is found, not assumed away."""
    answer = repaired("deadlock_freedom", "leaked", ("lock", "retry"))
    assert changes(answer) == {frozenset({("lock", "none")}), frozenset({("lock", "taken")})}
    assert answer["checked"]["undone"] == 0 and answer["checked"]["hurts"] == []
    answer = repaired("assertions", "none+loud", ("retry", "lock", "loud"))
    assert changes(answer) == {
        frozenset({("lock", "taken")}),
        frozenset({("lock", "leaked")}),
        frozenset({("loud", "off")}),
    }


def test_gup_fast_fork() -> None:
    """The commit that fixed it is among the repairs."""
    code, text = explored("repair --model gup_fast_fork --property pinned_page_stays --format json")
    answer = json.loads(text)
    assert code == 0
    assert changes(answer) == {frozenset({("write_protect_seq", "on")}), frozenset({("fork_wrprotect_first", "on")})}
    first = answer["repairs"][0 if answer["repairs"][0]["changes"][0]["rule"] == "write_protect_seq" else 1]
    assert [c["id"] for c in first["changes"][0]["commits"]] == ["57efa1fe5957"]
    assert first["breaks"] == [] and {f["property"] for f in first["fixes"]} == {"fork_isolation_dma", "no_lost_dma"}
    assert answer["settled"] == ["foll_pin", "has_pinned"]
    assert {"repair": ["write_protect_seq=on"], "change": "fork=plain"} in answer["checked"]["hurts"]


# ---------------------------------------------------------------- the command


def explored(words: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(shlex.split(words))
    return code, out.getvalue()


def test_text() -> None:
    code, text = explored("repair --model counter.py:counter --property no_lost_update --vary lock,wide --traces")
    assert code == 0
    assert "left as they are, since they decide what is built: wide" in text
    assert (
        "2 least sets of changes make it hold" in text
        and "breaks two (unreachable), deadlock_freedom (violated at" in text
    )
    assert "  A. lock=none  (4 steps)\n" in text and "CPU 0 (cpu[0])" in text
    assert "explore replay --model counter.py:counter --schedule" in text


def test_nothing_to_repair() -> None:
    code, text = explored("repair --model counter.py:counter --property no_lost_update -p design=taken")
    assert code == 0 and text.endswith("nothing to repair\n")


def test_no_repair() -> None:
    code, text = explored(
        "repair --model counter.py:counter --property deadlock_freedom -p design=leaked --vary retry,again"
    )
    assert code == 1 and "no change of these rules makes it hold" in text


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    import explorer.repair as verb

    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verb, "priced", stop)
    code, text = explored("repair --model counter.py:counter --property no_lost_update")
    assert code == 130 and "interrupted: there may be more repairs" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--property two", "two is a state that should be reachable"),
        ("--property no_lost", "there is no property 'no_lost'; did you mean no_lost_dma?"),
        ("--property no_lost_update --vary design", "what varies needs two or more different values"),
        ("--property pinned_page_stays", "does not apply to counter.py:counter with these parameters"),
    ],
)
def test_wrong_usage(words: str, said: str) -> None:
    code, text = explored(f"repair --model counter.py:counter {words}")
    assert code == 2 and said in text
