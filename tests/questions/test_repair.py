"""Repairs: all least changes that make a property hold, what they cost, and why nothing less does."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import math
import shlex
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest

from explorer import UsageError, check, load, replay
from explorer.cli.main import main
from explorer.questions.family import Question as Settings
from explorer.questions.family import explore
from explorer.questions.repair import Question, Telling, repair
from explorer.questions.vary import parameters_of, varied_rule
from explorer.reduction.cubes import merged_cubes, outside

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
NESTED = '''
"""Two CPUs increment; which rules a design has depends on others of its rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer import Model, Part, Range, Rules, UsageError, always, step, var


class Way(Enum):
    NONE = "none"
    LOCKS = "locks"
    LOOKS = "looks"
    REFUSED = "refused"


@dataclass(frozen=True)
class Design(Rules):
    way: Way = Way.NONE
    takes: bool = False
    again: bool = False
    twice: bool = False
    wide: bool = False
    narrow: bool = False
    unread: bool = False

    @staticmethod
    def parse(text: str) -> Design:
        way, *on = text.split("+")
        return Design(Way[way.upper()], **{name: True for name in on})

    @property
    def name(self) -> str:
        on = [name for name in ("takes", "again", "twice", "wide", "narrow", "unread") if getattr(self, name)]
        return "+".join([self.way.value, *on])


class Counter(Part):
    def __init__(self, m: Model, design: Design) -> None:
        super().__init__(m, "counter")
        self.design = design
        self.held = var(bool, False)
        self.value = var(Range(0, 2), 0)
        self.done = var(Range(0, 2), 0)
        if self.design.wide:
            self.last = var(bool, False)
            if self.design.way is Way.REFUSED:
                raise UsageError("a wide design has another way")

    async def increment(self) -> None:
        await step("read", when=lambda: not self.held)
        if self.design.way is Way.LOCKS:
            if self.design.takes:
                self.held = True
        if self.design.wide:
            self.last = True
            if self.design.narrow:
                self.held = True
        seen = self.value
        await step("write")
        if self.design.way is Way.LOOKS and self.design.again:
            if self.design.twice:
                seen = self.value
        self.value = seen + 1
        self.held = False
        self.done += 1


@always
def no_lost_update(counter: Counter) -> bool:
    """When both have finished, the counter says so."""
    return counter.done < 2 or counter.value == 2


def nested(*, design: Design = Design()) -> Model:
    """Two CPUs increment."""
    m = Model()
    part = Counter(m, design)

    @m.thread("cpu", cpu=(0, 1))
    async def worker(cpu: int) -> None:
        await part.increment()

    m.require(no_lost_update)
    return m
'''
RULES = ("lock", "retry", "again", "loud")
SIZES = (("none", "taken", "leaked"), ("off", "on"), ("off", "on"), ("off", "on"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("counter.py").write_text(MODEL)
    Path("nested.py").write_text(NESTED)


def design(lock: str, *rest: str) -> str:
    return "+".join([lock, *(rule for rule, value in zip(RULES[1:], rest, strict=True) if value == "on")])


def repaired(prop: str, text: str = "none", rules: tuple[str, ...] = RULES) -> dict[str, Any]:
    name = "counter.py:counter"
    given = (("design", text),)
    function = load(name)
    wanted = [varied_rule(function, parameters_of(function, given), rule) for rule in rules]
    return repair(function, Question(given, prop), wanted).to_json()


def nested_rules_are_followed() -> None:
    """Rules that are read only after another change are among those that vary, also where that change decides what is built:
    the repairs are those of brute force over all settings of the record."""
    names = ("takes", "again", "twice", "wide", "narrow")
    holds: dict[tuple[str, ...], bool | None] = {}
    function = load("nested.py:nested")
    for way in ("none", "locks", "looks", "refused"):
        for on in itertools.product((False, True), repeat=len(names)):
            chosen = (way, *("on" if value else "off" for value in on))
            text = "+".join([way, *(n for n, value in zip(names, on, strict=True) if value)])
            try:
                result = check(function(design=text), properties=["no_lost_update"])
                holds[chosen] = result["no_lost_update"].verdict.value == "holds"
            except UsageError:
                holds[chosen] = None  # no model
    rules = ("way", *names)
    bases = [
        ("none", "off", "off", "off", "off", "off"),
        ("locks", "off", "on", "off", "off", "off"),
        ("looks", "on", "off", "on", "on", "off"),
        ("refused", "off", "off", "off", "off", "on"),
    ]
    for base in bases:
        assert holds[base] is False
        good = [
            frozenset((n, x) for n, x, now in zip(rules, s, base, strict=True) if x != now) for s in holds if holds[s]
        ]
        least = {one for one in good if not any(other < one for other in good)}
        text = "+".join([base[0], *(n for n, x in zip(names, base[1:], strict=True) if x == "on")])
        answer = repair(function, Question((("design", text),), "no_lost_update"), None).to_json()
        assert changes(answer) == least, (base, changes(answer), least)
        assert {v["name"] for v in answer["vary"]} == set(rules)
        assert {v["name"] for v in answer["vary"] if v["apart"]} == {"way", "wide"}
        assert answer["left"] == {"settings": 0, "of": 128, "changes": None} and answer["complete"]
        assert not answer["no_model"] or answer["no_model"] == [
            {"cube": {"wide": ["on"], "way": ["refused"]}, "reason": "a wide design has another way"}
        ]


def test_rules_that_come_later() -> None:
    rules_that_come_later()


def test_counts_of_settings() -> None:
    counts_are_exact()


def counts_are_exact() -> None:
    """Settings outside of cubes, and cubes put together, against a look at each setting."""
    random = Random(7)
    for _ in range(200):
        sizes = [random.randint(1, 4) for _ in range(random.randint(0, 4))]
        cubes = [
            tuple(tuple(sorted(random.sample(range(n), random.randint(1, n)))) for n in sizes)
            for _ in range(random.randint(0, 4))
        ]
        inside = {
            s
            for s in itertools.product(*map(range, sizes))
            for c in cubes
            if all(x in v for x, v in zip(s, c, strict=True))
        }
        assert outside(sizes, cubes) == math.prod(sizes) - len(inside)
        again = {s for c in merged_cubes(cubes) for s in itertools.product(*c)}
        assert again == inside and len(merged_cubes(cubes)) <= len(cubes)


def changes(answer: dict[str, Any]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset((c["rule"], c["value"]) for c in r["changes"]) for r in answer["repairs"]}


def repairs_are_least() -> None:
    """From every design that violates a property, the repairs are the least changes to one that does not: by brute force."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(stack.enter_context(tempfile.TemporaryDirectory())))
        Path("counter.py").write_text(MODEL)
        by_brute_force()


def rules_that_come_later() -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(stack.enter_context(tempfile.TemporaryDirectory())))
        Path("nested.py").write_text(NESTED)
        nested_rules_are_followed()


def by_brute_force() -> None:
    answer = explore(Settings("counter.py:counter", (), RULES)).to_json()
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
    everything = explore(Settings("counter.py:counter", (), RULES)).to_json()["settings"]
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
    words = "--property pinned_page_stays --vary write_protect_seq,fork,fork_wrprotect_first,foll_pin_counted"
    code, text = explored(f"repair --model gup_fast_fork {words} --format json")
    answer = json.loads(text)
    assert code == 0
    assert changes(answer) == {frozenset({("write_protect_seq", "on")}), frozenset({("fork_wrprotect_first", "on")})}
    first = answer["repairs"][0]
    assert [c["id"] for c in first["changes"][0]["commits"]] == ["57efa1fe5957"]
    assert first["breaks"] == [] and {f["property"] for f in first["fixes"]} == {"fork_isolation_dma", "no_lost_dma"}
    assert {"rule": "reuse", "reason": "not named by --vary"} in answer["not_considered"]
    assert {"repair": ["write_protect_seq=on"], "change": "fork=plain"} in answer["checked"]["hurts"]


def test_rdma_fork() -> None:
    """The rules that made a pin safe are read only after one another: pin_user_pages(), that it is counted, and fork's copy."""
    code, text = explored("repair --model rdma_fork --kernel v4.19 --property pinned_page_stays --format json")
    answer = json.loads(text)
    assert code == 0 and answer["complete"]
    pins = {("foll_pin", "on"), ("foll_pin_counted", "on")}
    assert changes(answer) == {frozenset({*pins, ("fork", way)}) for way in ("early_copy", "exclusive", "vm_nocow")}
    said = [{c["rule"]: [x["id"] for x in c["commits"]] for c in r["changes"]} for r in answer["repairs"]]
    assert {
        "foll_pin": ["eddb1c228f79"], "foll_pin_counted": ["3faa52c03f44"], "fork": ["70e806e4e645"]
    } in said  # fmt: skip
    assert answer["every"] and answer["left"]["settings"] == 0
    assert {n["reason"] for n in answer["not_considered"]} == {"a protecting step of every kernel"}


# ---------------------------------------------------------------- the command


def explored(words: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(shlex.split(words))
    return code, out.getvalue()


def test_text() -> None:
    code, text = explored("repair --model counter.py:counter --property no_lost_update --vary lock,wide --traces")
    assert code == 0
    assert "what is built depends on wide: a system for each of their values" in text
    assert "not considered (not named by --vary): again, loud, retry" in text
    assert "no others: looked at in all 6 settings of lock, wide" in text
    assert "breaks two (unreachable), deadlock_freedom (violated at" in text
    assert "  A. lock=none  (4 steps)\n" in text and "CPU 0 (cpu[0])" in text
    assert "explore replay --model counter.py:counter --schedule" in text


def test_nothing_to_repair() -> None:
    code, text = explored("repair --model counter.py:counter --property no_lost_update -p design=taken")
    assert code == 0 and text.endswith("nothing to repair\n")


def test_no_repair() -> None:
    """That there is none is a claim over named rules, or over all: it says which."""
    words = "repair --model counter.py:counter --property deadlock_freedom -p design=leaked"
    code, text = explored(f"{words} --vary retry,again")
    assert code == 1
    assert "no change of these rules makes it hold: looked at in all 4 settings of retry, again" in text
    assert "not considered (not named by --vary): lock, loud" in text
    assert "these are all rules" not in text
    code, text = explored(words)
    assert code == 0 and "these are all rules that the model reads in any of these settings" in text


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """At any time it says what it has: the sets found, what is ruled out, and how much is left."""
    import explorer.questions.repair as verb

    price = verb.priced_repair
    rest = iter(range(2))

    def stop(*given: Any) -> Any:
        if next(rest, None) is None:
            raise KeyboardInterrupt
        return price(*given)

    monkeypatch.setattr(verb, "priced_repair", stop)
    words = "repair --model counter.py:counter --property no_lost_update --vary lock,retry,again,loud"
    code, text = explored(words)
    assert code == 130
    assert text.count("what it costs was not looked at") == 1 and "\n3. " in text and "\n4. " not in text
    assert "3 least sets of changes found so far: " in text and "what they have changes 1 rule or more" in text
    assert "ruled out by 1 counterexample" in text and "interrupted: 4 settings searched" in text
    rest = iter(range(2))
    code, text = explored(words + " --format json")
    answer = json.loads(text)
    assert code == 130 and answer["interrupted"] and not answer["complete"]
    assert 0 < answer["left"]["settings"] < answer["left"]["of"] == 24
    assert [r["breaks"] is None for r in answer["repairs"]] == [False, False, True]


def test_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a line says how far it is, and is gone at the end; in a pipe there is nothing but the answer."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    words = shlex.split("repair --model counter.py:counter --property no_lost_update --vary lock,retry")
    errors, out = Terminal(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        assert main(words) == 0
    assert "3 least sets found, 0 of 6 settings left" in errors.getvalue() and errors.getvalue().endswith("\r\x1b[K")
    quiet, again = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(again), contextlib.redirect_stderr(quiet):
        assert main(words) == 0
    assert quiet.getvalue() == "" and again.getvalue() == out.getvalue()


def test_bounded() -> None:
    """What a bounded search has not seen is no repair: it says so."""
    code, text = explored("repair --model counter.py:counter --property no_lost_update --vary lock --depth 4")
    assert code == 4 and "holds to depth: a bound was reached" in text
    assert "as far as the bound, no others: looked at in all 3 settings of lock" in text


def test_as_it_comes() -> None:
    """The sets of one size are told once all of that size are known, before the search goes on."""
    told: list[tuple[int, list[list[str]]]] = []
    function = load("nested.py:nested")
    telling = Telling(sized=lambda group: told.append((len(told), [[c.rule for c in r.changes] for r in group])))
    answer = repair(function, Question((), "no_lost_update"), None, telling=telling).to_json()
    assert told == [(0, [["narrow", "wide"], ["takes", "way"]]), (1, [["again", "twice", "way"]])]
    assert [[c["rule"] for c in r["changes"]] for r in answer["repairs"]] == [one for _, group in told for one in group]


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
