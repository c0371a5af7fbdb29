"""What an answer and a trace show of themselves, in a notebook and a terminal, and that a trace replays itself."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from explorer import (
    Model,
    Part,
    Range,
    Rules,
    Trace,
    UsageError,
    always,
    any_of,
    check,
    choose,
    load,
    replay,
    step,
    var,
)
from explorer.answer.replaying import split
from explorer.answer.result import Result
from explorer.cli.main import main
from explorer.models.linux.kernels import kernel
from explorer.models.rdma_fork import GupFast, rdma_fork
from explorer.render import html as shown_html
from explorer.render.diagram import text


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "counter")
        self.value = var(Range(0, 3), 0)
        self.open = var(bool, True)


@always
def below_two(counter: Counter) -> bool:
    """It stays below 2. <small & simple>"""
    return counter.value < 2


def count(*, most: int = 2, stuck: bool = False, broken: bool = False) -> Model:
    m = Model()
    counter = Counter(m)

    @m.thread("t")
    async def t() -> None:
        await step("add")
        amount = choose(n for n in range(1, 3) if n <= most)
        counter.value = amount
        assert not broken, "broken & done"
        if stuck:
            await step("wait", when=lambda: not counter.open)

    m.require(below_two)
    m.reachable("two", lambda: counter.value == 2)
    return m


@pytest.fixture(scope="module")
def result() -> Result:
    return check(rdma_fork(kernel=kernel("v4.19")), properties=["pinned_page_stays"])


def every_trace(result: Result) -> list[Trace]:
    return [p.trace for p in result.properties if p.trace is not None]


def test_a_trace_replays_itself(result: Result) -> None:
    """As design reviews use it: result.trace(name).replay()."""
    for trace in every_trace(result):
        again = trace.replay()
        assert again == trace and str(again) == str(trace) and again.replay() == trace


@pytest.mark.parametrize("given", [{}, {"most": 1}, {"stuck": True}, {"broken": True}], ids=str)
def test_every_kind_of_trace_replays_itself(given: dict[str, Any]) -> None:
    """A violation, a state reached, a deadlock, an assertion."""
    result = check(count(**given))
    assert every_trace(result) or given == {"most": 1}
    for trace in every_trace(result):
        assert trace.replay() == trace


@dataclass(frozen=True)
class Settings(Rules):
    high: bool


class Switched(Part):
    def __init__(self, m: Model, settings: Settings) -> None:
        super().__init__(m, "switched")
        self.settings = settings
        self.value = var(Range(0, 2), 0)


@always
def low(switched: Switched) -> bool:
    """It stays below 2."""
    return switched.value < 2


def test_a_trace_from_elsewhere_does_not_replay() -> None:
    trace = Trace("m", "p", True, "", (), {})
    with pytest.raises(UsageError, match="not made by check"):
        trace.replay()


def test_terminal(result: Result) -> None:
    trace = result.trace("pinned_page_stays")
    assert repr(trace) == str(trace) == text(trace).rstrip("\n")
    assert repr(result) == str(result) and str(trace) in str(result)
    assert len(repr(result["pinned_page_stays"])) < 300  # a verdict in a failing assertion is one line

    class Printer:
        out = ""

        def text(self, given: str) -> None:
            self.out += given

    for one in (trace, result):
        printer = Printer()
        one._repr_pretty_(printer, False)
        assert printer.out == str(one)


def test_notebook(result: Result) -> None:
    trace = result.trace("pinned_page_stays")
    shown = trace._repr_html_()
    assert shown.startswith("<div><svg") and "<?xml" not in shown and "<!DOCTYPE" not in shown
    assert shown.count("<svg") == shown.count("</svg>") == 1
    assert "<pre>" in shown and f"--schedule &#x27;{trace.schedule}&#x27;" in shown
    whole = result._repr_html_()
    assert "pinned_page_stays        violated at depth 12" in whole and shown in whole


def test_notebook_without_graphviz(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: str) -> str:
        raise UsageError("no Graphviz")

    monkeypatch.setattr(shown_html, "svg", none)
    assert result.trace("pinned_page_stays")._repr_html_().startswith("<pre>rdma_fork violates")


def test_html_is_escaped() -> None:
    shown = check(count(broken=True))._repr_html_()
    assert "broken &amp; done" in shown and "broken & done" not in shown


def test_a_model_built_by_a_call_has_its_name(result: Result, capsys: pytest.CaptureFixture[str]) -> None:
    """The replay line of an assertion in somebody's pytest can be pasted into a shell."""
    built = check(rdma_fork(kernel=kernel("v5.9-rc4"), gup_fast=GupFast.ON), properties=["pinned_page_stays"])
    assert built.kernel == "v5.9-rc4" and built.parameters["gup_fast"] == "on"
    with pytest.raises(AssertionError) as error:
        built.assert_holds()
    [line] = [one for one in str(error.value).splitlines() if one.startswith("replay: ")]
    assert main(shlex.split(line)[2:]) == 1
    assert "violated at the end: pinned_page_stays" in capsys.readouterr().out
    named = load("rdma_fork")(kernel=kernel("v4.19"))
    same = check(named, properties=["pinned_page_stays"])
    assert same.to_json() | {"seconds": 0} == result.to_json() | {"seconds": 0}


def test_a_model_of_a_users_file_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent)
    trace = check(count(broken=True, most=1)).trace("assertions")
    assert trace.reproduce == (
        "explore replay --model test_display.py:count -p most=1 -p broken=on --schedule t:value=1"
    )


def test_a_model_without_a_name() -> None:
    """It can't be named on a command line, so the line is Python."""

    def inner() -> Model:
        m = Model()
        counter = Counter(m)

        @m.action("add", actor="tap", when=lambda: counter.value < 2)
        def add() -> None:
            counter.value += 1

        m.require(below_two)
        return m

    model = inner()
    trace = check(model).trace("below_two")
    assert trace.reproduce == "explorer.replay(model, 'tap.add*2')"
    assert str(trace).startswith("the model violates below_two in 2 steps")
    assert replay(model, "tap.add*2")[1] == ["below_two"]


def test_what_replay_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """The property asked for, if the run is about it; else the first violated; else none."""
    monkeypatch.chdir(Path(__file__).parent)
    broken, _ = replay(count(), "t:value=2")
    assert (broken.claim, broken.violated) == ("below_two", True)
    reached, _ = replay(count(), "t:value=2", "two")
    assert (reached.claim, reached.violated) == ("two", False)
    nothing, names = replay(count(), "t:value=1")
    assert (nothing.claim, names) == ("", []) and str(nothing).startswith("test_display.py:count: 1 step")
    stuck, names = replay(count(stuck=True, most=1), "t:value=1")
    assert names == ["deadlock_freedom"] and stuck.harm == "nobody can move"
    asserted, names = replay(count(broken=True), "t:value=1")
    assert names == ["assertions"] and asserted.harm == "assertion fails: broken & done"
    assert split(asserted.schedule) == ["t:value=1"]


def test_open_rules_start_where_the_trace_did() -> None:
    """Of several initial states, the replay takes the one that the search found."""

    def model() -> Model:
        m = Model()
        part = Switched(m, Settings(any_of(False, True)))

        @m.thread("t")
        async def t() -> None:
            await step("add")
            part.value = 2 if part.settings.high else 1

        m.require(low)
        return m

    trace = check(model()).trace("low")
    assert trace.replay() == trace


def test_pytest_of_a_counterexample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `--format pytest` prints is a test that fails with the diagram while its run violates the property."""
    command = [
        "--model",
        "mprotect_pin",
        "--kernel",
        "v5.17",
        "--property",
        "no_lost_dma",
        "--property",
        "pinned_page_stays",
    ]
    assert main([*command, "--format", "pytest"]) == 1
    written = capsys.readouterr().out
    assert written.count("\ndef test_") == 2 and len(written.splitlines()) <= 20
    (tmp_path / "test_race.py").write_text(written)
    names: dict[str, Any] = {}
    exec(compile(written, "test_race.py", "exec"), names)
    with pytest.raises(AssertionError, match="mprotect_pin violates no_lost_dma in 21 steps"):
        names["test_no_lost_dma"]()
    holding = written.replace('"no_lost_dma" not in', '"fork_content" not in')
    exec(compile(holding, "test_race.py", "exec"), names)
    names["test_no_lost_dma"]()
    assert main(["--model", "mprotect_pin", "--kernel", "v5.19", "--format", "pytest"]) == 0
    assert capsys.readouterr().out == '"""0 of the properties of mprotect_pin are violated; a test for each."""\n'
