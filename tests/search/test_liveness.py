"""`eventually` and `leads_to`: exact answers on small models, and on random ones what brute force says."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from explorer import (
    Model,
    Part,
    PropertyResult,
    Range,
    ScheduleError,
    UsageError,
    Verdict,
    always,
    check,
    choose,
    eventually,
    ghost,
    leads_to,
    lower,
    replay,
    step,
    var,
)
from explorer.answer.replaying import parse
from explorer.answer.trace import Trace
from explorer.cli.main import main
from explorer.export.promela import promela
from explorer.export.smtlib import smtlib
from explorer.export.tla import configuration, tla
from explorer.models.linux.locks import PageLock, RwSem, SpinLock
from explorer.process.stop import Interrupted
from explorer.render.diagram import diagram
from explorer.render.dot import trace_dot
from explorer.render.files import write_trace
from explorer.search import liveness, reference
from explorer.search.outcome import Bounds, Outcome, Resources, Task
from explorer.system.form import Action, Apply, Cell, Constant, Domain, Property, Read, System
from explorer.witness.lasso import complaint
from explorer.witness.run import Move
from tests.render.golden import check_golden
from tests.render.samples import FIVE
from tests.support.agreement import compare
from tests.support.liveness import Meaning, random_graph, random_threads
from tests.support.systems import HERE

SMALL = Bounds(states=400)


class State(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "s")
        self.open = var(bool, False)
        self.done = var(bool, False)
        self.n = var(Range(0, 3), 0)


@eventually
def done(s: State) -> bool:
    """It is done.

    Harm: it waits for ever
    """
    return s.done


@leads_to
def opened_is_done(s: State) -> tuple[bool, bool]:
    """Once open it is done, then or later."""
    return s.open, s.done


def model(build: Callable[[Model, State], None], *properties: Any) -> Model:
    m = Model()
    s = State(m)
    build(m, s)
    m.require(*(properties or (done,)))
    return m


def verdict(build: Callable[[Model, State], None], given: Any = done) -> str:
    """In words, with the schedule of the lasso; the same from every engine."""
    results = [check(model(build, given), engine=engine) for engine in ENGINES]
    answers = [shown(result[given.__name__]) for result in results]
    assert len(set(answers)) == 1, answers
    for result in results:
        if result[given.__name__].trace is not None:
            assert result.trace(given.__name__).replay() == result.trace(given.__name__)
    return answers[0]


def shown(given: PropertyResult) -> str:
    return given.verdict.value if given.trace is None else f"{given.verdict.value} {given.trace.schedule}"


try:
    from explorer.search.native.search import search as native
except ImportError:
    ENGINES: tuple[Any, ...] = ("evaluator",)
else:
    ENGINES = ("evaluator", "native")


# ---------------------------------------------------------------- what fairness demands


def spinner(fairness: str, *, waits: str = "weak") -> Callable[[Model, State], None]:
    """One thread opens and closes for ever, the other must find it open once."""

    def build(m: Model, s: State) -> None:
        @m.thread("door", fairness=waits)
        async def door() -> None:
            while True:
                await step("open")
                s.open = True
                await step("close")
                s.open = False

        @m.thread("guest", fairness=fairness)
        async def guest() -> None:
            await step("enter", when=lambda: s.open)
            s.done = True

    return build


def test_weak_and_strong() -> None:
    """What is possible again and again, but not always, happens by strong fairness only."""
    assert verdict(spinner("none")) == "violated (door*2)"
    assert verdict(spinner("weak")) == "violated (door*2)"
    assert verdict(spinner("strong")) == "holds"
    assert verdict(spinner("strong", waits="none")) == "violated ()"
    assert verdict(spinner("strong"), opened_is_done) == "holds"
    assert verdict(spinner("weak"), opened_is_done) == "violated door/(door*2)"


def test_weak_is_enough_where_nothing_closes() -> None:
    def build(m: Model, s: State) -> None:
        @m.thread("door", fairness="weak")
        async def door() -> None:
            await step("open")
            s.open = True
            while True:
                await step("turn")
                s.n = 1 - s.n

        @m.thread("guest", fairness="weak")
        async def guest() -> None:
            await step("enter", when=lambda: s.open)
            s.done = True

    assert verdict(build) == "holds"


def test_one_thread_of_two_is_forgotten() -> None:
    """A loop must meet the demands of everybody: here it goes through both doors, and past the guest."""

    def build(m: Model, s: State) -> None:
        @m.thread("door", n=range(2), fairness="weak")
        async def door(n: int) -> None:
            while True:
                await step("turn")
                s.n = 3 - s.n

        @m.thread("guest")
        async def guest() -> None:
            await step("enter")
            s.done = True

    assert verdict(build) == "violated (door[1]/door[0])"


def user(voluntary: bool, fairness: str = "strong") -> Callable[[Model, State], None]:
    def build(m: Model, s: State) -> None:
        @m.thread("user", fairness=fairness)
        async def user() -> None:
            await step("pin")
            s.open = True
            await step("unpin", voluntary=voluntary)
            s.open = False

        @m.thread("truncate", fairness="weak")
        async def truncate() -> None:
            await step("wait for pins", when=lambda: not s.open and user.finished)
            s.done = True

    return build


def test_voluntary() -> None:
    """One can wait for ever for the driver that holds a pin to drop it."""
    assert verdict(user(True)) == "violated user/()"
    assert verdict(user(False)) == "holds"
    result = check(model(user(True)))
    assert result.trace("done").note == "Who could move and never has to: user (unpin: voluntary)."
    assert result["deadlock_freedom"].verdict is Verdict.HOLDS  # there is still something to do


def lock_of(make: Callable[[Model], Any], fairness: str = "weak") -> Callable[[Model, State], None]:
    def build(m: Model, s: State) -> None:
        lock = make(m)

        @m.thread("first", fairness="weak")
        async def first() -> None:
            while True:
                async with lock:
                    await step("use")

        @m.thread("second", fairness=fairness)
        async def second() -> None:
            async with lock:
                s.done = True

    return build


def test_lock_is_handed_over() -> None:
    """Taking a sleeping lock is strongly fair in a thread with any fairness; taking a spinlock is not."""
    assert verdict(lock_of(lambda m: SpinLock(m, "l"))) == "violated (first*2)"
    assert verdict(lock_of(lambda m: PageLock(m, "l"))) == "holds"
    assert verdict(lock_of(lambda m: RwSem(m, "l", 2).write)) == "holds"
    assert verdict(lock_of(lambda m: PageLock(m, "l"), "none")) == "violated (first*2)"
    fairness = {a.label: a.fairness for a in lower(model(lock_of(lambda m: PageLock(m, "l")))).actions}
    assert fairness == {"l": "strong", "use": "weak"}


def test_may_wait() -> None:
    """It is about deadlock only: a step that stays possible is taken, one that never is may be waited at."""

    def waiter(happens: bool) -> Callable[[Model, State], None]:
        def build(m: Model, s: State) -> None:
            @m.thread("door", fairness="weak")
            async def door() -> None:
                await step("open")
                s.open = happens

            @m.thread("guest", fairness="weak")
            async def guest() -> None:
                await step("enter", when=lambda: s.open, may_wait=True)
                s.done = True

        return build

    assert verdict(waiter(True)) == "holds"
    assert verdict(waiter(False)) == "violated door/()"
    assert check(model(waiter(False)))["deadlock_freedom"].verdict is Verdict.HOLDS


def test_terminal_states() -> None:
    """A finished run is a run, and so is a deadlock."""

    def build(m: Model, s: State) -> None:
        @m.thread("cpu", fairness="strong")
        async def cpu() -> None:
            await step("choose")
            s.n = choose(range(3))
            if s.n == 1:
                await step("never", when=lambda: s.open)
            if s.n > 0:
                s.done = True

    result = check(model(build))
    assert shown(result["done"]) == "violated cpu:value=0/()"
    assert result.trace("done").note == ""
    assert shown(result["deadlock_freedom"]) == "violated cpu:value=1"


def test_rules() -> None:
    """Each combination of a rule's parameters is fair by itself."""

    def build(fairness: str) -> Callable[[Model, State], None]:
        def made(m: Model, s: State) -> None:
            @m.action("tick", actor="timer {n}", n=(1, 2), fairness=fairness)
            def tick(n: int) -> None:
                s.n = n
                s.done = s.done or n == 2

        return made

    assert verdict(build("none")) == "violated ()"
    assert verdict(build("weak")) == "holds"


def test_paths_of_a_step_are_not_fair() -> None:
    """No value of a choose has to be taken ever."""

    def build(m: Model, s: State) -> None:
        @m.thread("cpu", fairness="strong")
        async def cpu() -> None:
            while True:
                await step("try")
                s.done = s.done or bool(s.n == 3)
                s.n = choose((0, 3))

    assert verdict(build) == "violated (cpu:value=0)"


def test_empty_choose_is_not_possible() -> None:
    """A step with nothing to choose from need not be taken."""

    def build(m: Model, s: State) -> None:
        @m.thread("cpu", fairness="weak")
        async def cpu() -> None:
            await step("try")
            s.n = choose(n for n in range(3) if n + s.n > 4)
            s.done = True

    assert verdict(build) == "violated ()"


def test_failing_assertion_ends_a_run() -> None:
    """Who must take a step that fails can't go on for ever beside it."""

    def build(m: Model, s: State) -> None:
        @m.thread("cpu", fairness="weak")
        async def cpu() -> None:
            await step("check")
            assert s.done, "it is done"

    assert verdict(build) == "holds"
    assert check(model(build))["assertions"].verdict is Verdict.VIOLATED


def test_leads_to_and_eventually() -> None:
    """leads_to asks only after the first condition, and again each time."""

    def build(opens: bool, *, first: bool = False) -> Callable[[Model, State], None]:
        def made(m: Model, s: State) -> None:
            @m.thread("cpu", fairness="weak")
            async def cpu() -> None:
                await step("one")
                s.done = first
                s.open = opens and not first
                await step("two")
                s.done, s.open = False, opens

        return made

    assert verdict(build(False), opened_is_done) == "holds"
    assert verdict(build(False), done) == "violated cpu*2/()"
    assert verdict(build(True), opened_is_done) == "violated cpu*2/()"
    assert verdict(build(True, first=True), done) == "holds"
    assert verdict(build(True, first=True), opened_is_done) == "violated cpu*2/()"


def test_stem_is_shortest_then_has_fewest_switches() -> None:
    def build(m: Model, s: State) -> None:
        @m.thread("cpu", n=range(2), fairness="weak")
        async def cpu(n: int) -> None:
            await step("a")
            await step("b")
            s.n = min(s.n + 1, 3)

        @m.thread("guest", fairness="weak")
        async def guest() -> None:
            await step("enter", when=lambda: cpu.finished and s.open)
            s.done = True

    assert verdict(build) == "violated cpu[0]*2/cpu[1]*2/()"


# ---------------------------------------------------------------- bounds


BOUNDED: list[tuple[dict[str, Any], str, int]] = [
    ({"depth": 1}, "depth", 4),
    ({"max_states": 1}, "states", 4),
    ({"max_seconds": 0.0}, "seconds", 4),
]


@pytest.mark.parametrize(("bounds", "stopped", "code"), BOUNDED)
def test_undecided_under_a_bound(bounds: dict[str, Any], stopped: str, code: int) -> None:
    result = check(model(spinner("strong")), **bounds)
    assert result.stopped == stopped and result.exit_code == code
    reason = "not every state was seen" if stopped != "seconds" else "stopped by --max-seconds before the search began"
    assert (str(result["done"]), result["done"].reason) == ("undecided", reason)
    with pytest.raises(AssertionError):
        result.assert_holds()
    assert f"done              undecided  ({reason})" in str(result) or stopped == "seconds"


def test_undecided_after_the_first_violation() -> None:
    @always
    def closed(s: State) -> bool:
        return not s.open

    result = check(model(spinner("strong"), done, closed), first=True)
    assert result["done"].verdict is Verdict.UNDECIDED and result.exit_code == 1


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt(), 130), (Interrupted("seconds"), 4)])
def test_stopped_while_it_is_decided(stop: BaseException, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the search has shown stays; what is said about whole runs is undecided."""

    def trap(self: object, claim: Property) -> None:
        raise stop

    monkeypatch.setattr(liveness.EvaluatorGraph, "trap", trap)
    result = check(model(spinner("strong"), done, opened_is_done))
    assert result.complete and result["assertions"].verdict is Verdict.HOLDS
    assert {result[n].verdict for n in ("done", "opened_is_done")} == {Verdict.UNDECIDED}
    assert result["done"].reason == ("interrupted" if code == 130 else "stopped by --max-seconds")
    assert result.exit_code == code


@pytest.mark.skipif(len(ENGINES) == 1, reason="numba can't be imported")
def test_states_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.search.native import search as module

    monkeypatch.setattr(module, "InMemory", type("Nothing", (), {}))
    graph = module.Search.graph
    with pytest.raises(Interrupted) as stop:
        graph(type("Fake", (), {"home": None})(), None)  # type: ignore[arg-type]
    assert stop.value.reason == "disk"


@pytest.mark.skipif(len(ENGINES) == 1, reason="numba can't be imported")
def test_memory() -> None:
    """A limit that the states keep, and the steps would not."""
    from explorer.search.native import search as module

    class Small(module.Search):
        transitions = property(lambda self: 1 << 40, lambda self, value: None)

    resources = Resources(memory=1 << 40)
    whole = Small(Task(lower(model(spinner("strong"))), Bounds(), resources=resources))
    try:
        assert whole.run().undecided == {"done": "memory"}
    finally:
        whole.close()


@pytest.mark.skipif(len(ENGINES) == 1, reason="numba can't be imported")
def test_resumed(tmp_path: Path) -> None:
    """A search that goes on after a stop decides at its end."""
    runs: list[tuple[dict[str, Any], str]] = [({"max_states": 2}, "undecided"), ({}, "violated (door*2)")]
    for bounds, words in runs:
        resources = Resources(folder=tmp_path / "kept", resume=not bounds)
        assert shown(check(model(spinner("weak")), engine="native", resources=resources, **bounds)["done"]) == words


# ---------------------------------------------------------------- random systems


def complete(systems: Iterable[System]) -> Iterable[tuple[System, Outcome]]:
    for system in systems:
        outcome = reference.search(Task(system, SMALL))
        if outcome.complete:
            assert outcome.undecided == {}
            yield system, outcome


def brute_force_agrees(graphs: int = 300, threads: int = 80) -> None:
    """Verdicts, lengths of stems, and every lasso, are what the definition says."""
    violated = loops = 0
    for system, outcome in complete([*map(random_graph, range(graphs)), *map(random_threads, range(threads))]):
        meaning = Meaning(system)
        if sum(kind == "strong" for kind in meaning.demands.values()) > 8:
            continue
        for claim in system.properties:
            path, expected = outcome.paths.get(claim.name), meaning.stem(claim)
            found = None if path is None else path.loop
            assert found == expected, f"{system.name} {claim.name}: a stem of {found}, and not of {expected}"
            if path is not None:
                wrong = meaning.complaint(claim, path)
                assert not wrong, f"{system.name} {claim.name}: {wrong}"
                actors = [system.actions[i].actor for i in path.actions[: path.loop]]
                switches = sum(a != b for a, b in zip(actors, actors[1:], strict=False))
                assert switches == meaning.switches(claim, len(actors)), (
                    f"{system.name} {claim.name}: {switches} switches"
                )
                violated += 1
                loops += len(path.actions) > (path.loop or 0)
    assert violated > graphs and loops > graphs // 3


def test_brute_force() -> None:
    brute_force_agrees()


def engines_agree(graphs: int = 40, threads: int = 40) -> None:
    """The compiled search has the same verdicts and the same lassos."""
    paths = 0
    for system, outcome in complete([*map(random_graph, range(graphs)), *map(random_threads, range(threads))]):
        found = native(Task(system, SMALL))
        assert (found.paths, found.undecided, found.depths) == (outcome.paths, {}, outcome.depths), system.name
        paths += sum(path.loop is not None for path in found.paths.values())
    assert paths > graphs


def native_graphs_agree() -> None:
    """As much as fits into the time of a mutant."""
    engines_agree(70, 0)


@pytest.mark.skipif(len(ENGINES) == 1, reason="numba can't be imported")
def test_engines_agree() -> None:
    engines_agree()


@pytest.mark.skipif(len(ENGINES) == 1, reason="numba can't be imported")
@pytest.mark.parametrize("last", ["none", "strong"])
def test_many_demands(last: str) -> None:
    """More than fit into one word: a ring of 70 rules, each of which has to happen, and one beside it."""
    at = Read(0, "int")

    def rule(i: int, target: int, fairness: Any) -> Action:
        guard = Apply("eq", (at, Constant(i % 70)))
        return Action("ring", f"{i}", HERE, guard, ((0, Constant(target)),), None, name=f"r{i}", fairness=fairness)

    actions = tuple(rule(i, (i + 1) % 70, "weak") for i in range(70)) + (rule(70 + 69, 70, last),)
    never = Property("leaves", "eventually", Apply("eq", (at, Constant(70))))
    system = System("ring", (Cell("at", Domain("range", 0, 70), (0,)),), actions, (never,))
    outcome = reference.search(Task(system, Bounds()))
    assert native(Task(system, Bounds())).paths == outcome.paths
    if last == "strong":
        assert outcome.paths == {}
    else:
        assert len(outcome.paths["leaves"].actions) == 70 and outcome.paths["leaves"].loop == 0


def test_loops_are_the_first_inside() -> None:
    loops_are_the_first_inside()


def loops_are_the_first_inside() -> None:
    """A loop stays in its component, where a step out of it would meet the demand sooner; ties go to the first action, which
    the compiled step function finds last."""
    at = Read(0, "int")

    def is_at(code: int) -> Apply:
        return Apply("eq", (at, Constant(code)))

    def rule(name: str, guard: Apply, target: int, fairness: Any = "none") -> Action:
        return Action("dev", name, HERE, guard, ((0, Constant(target)),), None, name=name, fairness=fairness)

    def loop(*actions: Action) -> tuple[int, ...]:
        never = Property("leaves", "eventually", is_at(4))
        system = System("loop", (Cell("at", Domain("range", 0, 4), (0,)),), actions, (never,))
        searches = (reference.search, native)[: len(ENGINES)]
        paths = [search(Task(system, Bounds())).paths["leaves"] for search in searches]
        assert paths == paths[:1] * len(ENGINES) and paths[0].loop == 0
        return paths[0].actions

    out = [rule("d", is_at(a), b, "weak") for a, b in ((0, 2), (1, 0), (2, 3))]
    assert loop(rule("go", is_at(0), 1), rule("back", is_at(1), 0), *out, rule("back", is_at(3), 2)) == (0, 3)
    first = rule("r", Apply("le", (at, Constant(0))), 1, "weak")
    assert loop(first, *(rule("r", is_at(a), b, "weak") for a, b in ((0, 2), (1, 0), (2, 0)))) == (0, 2)


# ---------------------------------------------------------------- replaying


def test_schedules() -> None:
    assert parse("a*2/(b/c:frame=1)") == (["a", "a", "b", "c:frame=1"], 2)
    assert parse("()") == ([], 0) and parse("a/()") == (["a"], 1) and parse("a") == (["a"], None)
    for text in ("(a)/b", "(a/(b))", "(a)/(b)"):
        with pytest.raises(ScheduleError):
            parse(text)


def runs_are_judged() -> None:
    """A run violates what it violates, if it is fair."""
    made = model(spinner("weak"), done, opened_is_done)
    trace, broken = replay(made, "door/(door*2)")
    assert broken == ["done", "opened_is_done"] and (trace.claim, trace.loop) == ("done", 1)
    trace, broken = replay(made, "door/(door*2)", "opened_is_done")
    assert broken == ["opened_is_done"] and trace.schedule == "door/(door*2)"
    assert replay(made, "door*2")[1] == []
    assert replay(made, "door/guest/(door*2)")[1] == []
    with pytest.raises(ScheduleError, match="does not lead back to where it begins, after step 1"):
        replay(made, "door/(door)")
    trace, broken = replay(model(spinner("strong")), "(door*2)")
    assert broken == []
    assert trace.note == "No fair run goes on like this: guest can move and never does, but has to."
    assert replay(model(spinner("strong")), "()")[1] == []


def test_replay() -> None:
    runs_are_judged()


def answers(m: Model, s: State) -> None:
    """Opens, and then asks and answers for ever: open is followed by done, again and again."""

    @m.thread("cpu", fairness="weak")
    async def cpu() -> None:
        await step("open")
        s.open = True
        while True:
            await step("do")
            s.done = True
            await step("undo")
            s.done = False


def lies_are_noticed() -> None:
    """CPython refuses a lasso that does not close, is not fair, or does not violate the property."""
    weak, strong = model(spinner("weak"), done, opened_is_done), model(spinner("strong"))
    door, guest = Move("door"), Move("guest")
    claim, later = weak.properties
    assert complaint(weak, None, [door, door], 0, claim) == ""
    assert complaint(weak, None, [door, door, door], 1, later) == ""
    assert "lead back" in complaint(weak, None, [door, door, door], 0, claim)
    assert "not possible" in complaint(weak, None, [door, guest], 1, claim)
    assert "what must come comes" in complaint(weak, None, [door, guest, door, door], 2, claim)
    assert "guest can move again and again" in complaint(strong, None, [door, door], 0, strong.properties[0])
    assert "door can move always" in complaint(weak, None, [], 0, claim)
    assert "nothing asks for it" in complaint(weak, None, [], 0, later)
    comes = model(answers, opened_is_done)
    assert "what must come comes" in complaint(comes, None, [Move("cpu")] * 3, 1, comes.properties[0])


def test_witness() -> None:
    lies_are_noticed()


def test_loop_of_locals() -> None:
    """A coroutine that counts for itself is where it was only when its count is."""

    def build(m: Model, s: State) -> None:
        @m.thread("cpu", fairness="weak")
        async def cpu() -> None:
            await step("begin")
            while not s.done:
                for i in range(2):
                    await step("turn")
                    s.n = i

    assert verdict(build) == "violated cpu*2/(cpu*2)"


# ---------------------------------------------------------------- shown


def golden_model(m: Model, s: State) -> None:
    lock = SpinLock(m, "ptl")

    @m.thread("scan", fairness="weak")
    async def scan() -> None:
        """mm/vmscan.c:shrink_list()"""
        while True:
            async with lock:
                s.open = True
                await step("look")
            await step("next")

    @m.thread("fault", fairness="weak")
    async def fault() -> None:
        await step("begin")
        async with lock:
            s.done = True

    @m.action("interrupt", actor="timer", fairness="weak")
    def interrupt() -> None:
        s.n = 0


def golden(build: Callable[[Model, State], None], given: Any = done) -> Trace:
    """Its trace, without the command that would replay it: these models have no name that a command could give."""
    trace = check(model(build, given)).trace(given.__name__)
    steps = tuple(dataclasses.replace(s, file="story.py", line=10 * i + 10) for i, s in enumerate(trace.steps))
    return dataclasses.replace(trace, model="story", reproduce="", steps=steps)


def test_text() -> None:
    check_golden("lasso.txt", f"{golden(golden_model)}\n\n{golden(golden_model, opened_is_done)}\n")
    stops = (golden(user(True)), golden(spinner("none", waits="none")))
    check_golden("lasso_of_five.txt", diagram(dataclasses.replace(FIVE, loop=2)))
    check_golden("lasso_stops.txt", "\n\n".join(map(str, stops)) + "\n")


def test_dot() -> None:
    check_golden("lasso.dot", trace_dot(golden(golden_model, opened_is_done)))


def test_json(tmp_path: Path) -> None:
    result = check(model(spinner("weak"), opened_is_done))
    answer = result.to_json()["properties"][0]
    assert (answer["kind"], answer["verdict"], answer["depth"]) == ("leads_to", "violated", 3)
    assert (answer["trace"]["schedule"], answer["trace"]["loop"], len(answer["trace"]["steps"])) == (
        "door/(door*2)",
        1,
        3,
    )
    files = write_trace(result.trace("opened_is_done"), tmp_path)
    assert json.loads(files[0].read_text())["loop"] == 1 and "for ever" in files[2].read_text()
    assert str(result["opened_is_done"]) == "violated: 1 step, then a loop of 2 for ever"
    stopped = check(model(spinner("none", waits="none")), properties=["done"])
    assert str(stopped["done"]) == "violated: 0 steps, then nothing more for ever"
    assert stopped.to_json()["properties"][0]["trace"]["loop"] == 0


SOURCE = """
from explorer import Model, Part, eventually, step, var

class S(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "s")
        self.done = var(bool, False)

@eventually
def done(s: S) -> bool:
    return s.done

def story(*, fair: bool = True) -> Model:
    m = Model()
    s = S(m)

    @m.thread("cpu", fairness="weak")
    async def cpu() -> None:
        await step("go", voluntary=not fair)
        s.done = True

    m.require(done)
    return m
"""


def said(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(list(arguments))
    return code, out.getvalue()


def test_command_line(tmp_path: Path) -> None:
    file = tmp_path / "story.py"
    file.write_text(SOURCE)
    name = f"{file}:story"
    code, text = said("--model", name)
    assert code == 0 and "  done              holds\n" in text
    code, text = said("--model", name, "-p", "fair=off")
    assert code == 1 and "---- nothing more happens, for ever ---" in text and "schedule: ()\n" in text
    code, text = said("--model", name, "--depth", "0")
    assert code == 4 and "undecided  (not every state was seen)" in text
    code, text = said("replay", "--model", name, "-p", "fair=off", "--schedule", "()")
    assert code == 1 and "violated at the end: done" in text


# ---------------------------------------------------------------- the rest of the tool


def test_exports_leave_it_out() -> None:
    system = lower(model(spinner("weak"), done, opened_is_done))
    for text in (promela(system), tla(system), smtlib(system)):
        assert "Not in this file, as they speak about whole runs under fairness: done, opened_is_done." in text
    without = dataclasses.replace(system, properties=())
    said_first = "Not in this file"
    for write in (promela, tla, smtlib):
        lines = [line for line in write(system).splitlines() if said_first not in line]
        assert lines == write(without).splitlines()
    with pytest.raises(UsageError, match="done is a liveness property"):
        smtlib(system, ["done"])
    with pytest.raises(UsageError, match="done is a liveness property"):
        configuration(system, ["done"])


def demands_are_kept() -> None:
    """What the model says of fairness is in the system: a user's step has none, a strong step that of a fair thread."""

    def build(m: Model, s: State) -> None:
        for name, fairness in (("none", "none"), ("weak", "weak"), ("strong", "strong")):
            make_thread(m, s, name, fairness)

        @m.action("tick", actor="timer", fairness="strong")
        def tick() -> None:
            s.n = 0

        @m.action("press", actor="user", voluntary=True)
        def press() -> None:
            s.n = 1

    found = {(a.actor, a.label): a.fairness for a in lower(model(build)).actions}
    assert found == {
        ("none", "plain"): "none", ("none", "handed"): "none", ("none", "user"): "none",
        ("weak", "plain"): "weak", ("weak", "handed"): "strong", ("weak", "user"): "none",
        ("strong", "plain"): "strong", ("strong", "handed"): "strong", ("strong", "user"): "none",
        ("timer", "tick"): "strong", ("user", "press"): "none",
    }  # fmt: skip


@leads_to
def much_is_done(s: State) -> tuple[bool, bool]:
    """With branches, and what is not looked at where it needs not be."""
    if s.n == 0:
        return False, s.done
    some = s.n > 1 or s.open
    return some and (s.open or s.n == 3), s.done if s.n < 3 else not s.open


@leads_to
def refused_by_none(s: State) -> tuple[bool, bool]:
    """One of its conditions can't be evaluated in some states."""
    return s.n > 0, 3 // s.n > 0


def test_conditions_are_those_of_cpython() -> None:
    def build(m: Model, s: State) -> None:
        @m.thread("cpu", fairness="weak")
        async def cpu() -> None:
            await step("choose")
            s.n = choose(range(4))
            await step("open")
            s.open = choose((False, True))
            await step("do")
            s.done = choose((False, True))

    found = compare(model(build, much_is_done, refused_by_none, opened_is_done, done))
    assert found.states == 1 + 4 + 8 + 16
    result = check(model(build, refused_by_none))
    assert result.exit_code == 3 and "division by zero" in result.error.lower()
    assert result["refused_by_none"].verdict is Verdict.UNDECIDED


def make_thread(m: Model, s: State, name: str, fairness: str) -> None:
    @m.thread(name, fairness=fairness)
    async def thread() -> None:
        await step("plain")
        await step("handed", fairness="strong")
        await step("user", voluntary=True)


def test_demands() -> None:
    demands_are_kept()


class History(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "h")
        self.seen = ghost(var(bool, False))
        self.done = var(bool, False)


@eventually
def history_is_done(h: History) -> bool:
    return h.done


@leads_to
def follows(h: History) -> tuple[bool, bool]:
    return h.seen, h.done


def test_history_that_nobody_asks_for_may_change_in_a_loop() -> None:
    m = Model()
    h = History(m)

    @m.thread("cpu", fairness="weak")
    async def cpu() -> None:
        while True:
            await step("see")
            h.seen = True

    m.require(history_is_done)
    assert shown(check(m)["history_is_done"]) == "violated (cpu)"


def test_ghosts_that_a_trigger_reads_are_kept() -> None:
    m = Model()
    h = History(m)

    @m.thread("cpu", fairness="weak")
    async def cpu() -> None:
        await step("see")
        h.seen = True
        await step("do", voluntary=True)
        h.done = True

    m.require(follows)
    assert shown(check(m)["follows"]) == "violated cpu/()"
