"""Which counterexample is shown, and what a bounded search may claim: held to brute force on random systems.

A run is shown only if no other is shorter, none as short has fewer context switches, and none of these comes before it in the
order of the actions.
"""

from __future__ import annotations

import collections
import dataclasses
import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random

import pytest

from explorer import LanguageError, Verdict, check, replay
from explorer.answer.counterexample import Disagreement, make_trace
from explorer.language import Model, Part, Range, always, always_step, before, choose, record, step, var
from explorer.lowering import lower
from explorer.search.outcome import Bounds, Execution, Listener, Outcome, Task
from explorer.search.reference import ASSERTIONS, DEADLOCK, search
from explorer.system.form import (
    TRUE,
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
from explorer.system.semantics import Semantics, State, evaluate
from explorer.system.wellformed import check as check_system

HERE = Span("file.py", 1)
SEEDS = range(150)
MOST_RUNS = 20_000

# ---------------------------------------------------------------- random systems


def random_system(seed: int) -> System:
    """Two threads, now and then three, and a device, on two small numbers; with every kind of action and property."""
    random = Random(seed)
    threads = 2 + (random.random() < 0.3)
    width = 4
    cells: list[Cell] = []
    for t in range(threads):
        labels = ("finished", *(f"p{i}" for i in range(1, width + 1)))
        cells.append(Cell(f"t{t}.at", Domain("location", 0, width, f"t{t}", labels), (1,), owner=f"t{t}"))
    x, y = len(cells), len(cells) + 1
    cells += [
        Cell("x", Domain("range", 0, 3), (0,)),
        Cell("y", Domain("range", 0, 2), tuple(range(random.choice((1, 1, 2))))),
    ]

    def number() -> Expr:
        return random.choice((Read(x, "int"), Read(y, "int"), Constant(random.randint(0, 3))))

    def condition(look_back: bool = False) -> Expr:
        one = Read(random.choice((x, y)), "int")
        other = Read(one.cell, "int", True) if look_back else number()
        return Apply(random.choice(("eq", "lt", "le")), (one, other))

    def updates() -> tuple[tuple[int, Expr], ...]:
        def stored(top: int) -> Expr:
            return Apply("mod", (Apply("add", (number(), Constant(random.randint(0, 2)))), Constant(top + 1)))

        return tuple((c, stored(cells[c].domain.hi)) for c in (x, y) if random.random() < 0.6)

    actions: list[Action] = []
    for t in range(threads):
        for at in range(1, width + 1):
            here = Apply("eq", (Read(t, "int"), Constant(at)))
            for _ in range(random.choice((1, 1, 2))):
                guard = Apply("and", (here, condition() if random.random() < 0.4 else TRUE))
                fields = (f"t{t}", f"p{at}", HERE, guard)
                kind = random.random()
                if kind < 0.05:
                    failure = Failure("assert", "no", Span("generated.py", at))
                    actions.append(Action(*fields, (), (t, at, at), f"t{t}", outcome="failure", failure=failure))
                elif kind < 0.1:
                    failure = Failure("value", "nothing to choose", HERE)
                    actions.append(Action(*fields, (), (t, at, at), f"t{t}", outcome="blocked", failure=failure))
                else:
                    actions.append(
                        Action(
                            *fields,
                            updates(),
                            (t, at, random.choice((at % width + 1, at % width + 1, random.randint(0, width)))),
                            f"t{t}",
                        )
                    )
    if random.random() < 0.5:
        actions.append(Action("dev", "poke", HERE, condition(), updates(), None, name="poke"))

    def reached() -> Expr:
        """Every thread is somewhere: mostly far away."""
        return Apply(
            "and", tuple(Apply("eq", (Read(t, "int"), Constant(random.randint(0, width)))) for t in range(threads))
        )

    waits = tuple(at for at in (1, 2, 3) if random.random() < 0.15)
    properties = [
        Property("state", "always", Apply("not", (condition(),))),
        Property("corner", "always", Apply("not", (reached(),))),
        Property("step", "always_step", Apply("not", (condition(look_back=True),))),
        Property("goal", "reachable", Apply("and", (reached(), condition()))),
    ]
    return System(
        f"random {seed}",
        tuple(cells),
        tuple(actions),
        tuple(properties),
        tuple(
            Thread(f"t{t}", t, 0, waits if t == 0 else (), (None,) + (HERE,) * width) for t in range(threads)
        ),
    )  # fmt: skip


# ---------------------------------------------------------------- brute force


@dataclass
class Truth:
    """What a system does, found without cleverness. `depths`: of the first state or step that shows each property.

    `noticed`: the level that has to be complete before a search can know of it: a deadlock is seen when its level is expanded.
    """

    levels: list[list[State]] = field(default_factory=list)
    out: dict[State, list[tuple[int, State | None]]] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    noticed: dict[str, int] = field(default_factory=dict)

    def states(self, depth: int) -> int:
        return sum(len(level) for level in self.levels[: depth + 1])

    def transitions(self, depth: int) -> int:
        """Out of the states of all levels before that one."""
        return sum(len(self.out[s]) for level in self.levels[:depth] for s in level)


@cache
def truth(seed: int) -> Truth:
    system, found = random_system(seed), Truth()
    check_system(system)
    semantics = Semantics(system)
    seen = set(semantics.initial)
    level = list(dict.fromkeys(semantics.initial))

    def note(name: str, depth: int, noticed: int) -> None:
        found.depths.setdefault(name, depth)
        found.noticed.setdefault(name, noticed)

    while level:
        depth = len(found.levels)
        found.levels.append(level)
        following: list[State] = []
        for state in level:
            for p in system.properties:
                if p.kind != "always_step" and bool(evaluate(p.holds, state)) == (p.kind == "reachable"):
                    note(p.name, depth, depth)
            found.out[state] = [
                (i, t) for i, t in semantics.successors(state) if system.actions[i].outcome != "blocked"
            ]
            if not found.out[state] and is_stuck(system, state):
                note(DEADLOCK, depth, depth + 1)
            for index, target in found.out[state]:
                if target is None:
                    note(ASSERTIONS, depth + 1, depth + 1)
                    if assertion_of(system, index):
                        note(assertion_of(system, index), depth + 1, depth + 1)
                    continue
                for p in system.properties:
                    if p.kind == "always_step" and not evaluate(p.holds, target, state):
                        note(p.name, depth + 1, depth + 1)
                if target not in seen:
                    seen.add(target)
                    following.append(target)
        level = following
    return found


def assertion_of(system: System, index: int) -> str:
    """What the assertion is called that the action fails; "" where there is no other in the system."""
    lines = {a.failure.span.line for a in system.actions if a.outcome == "failure" and a.failure is not None}
    failure = system.actions[index].failure
    assert failure is not None
    return f"assertion generated.py:{failure.span.line}" if len(lines) > 1 else ""


def is_stuck(system: System, state: State) -> bool:
    return any(state[t.cell] != 0 and state[t.cell] not in t.may_wait for t in system.threads)


def shows(system: System, name: str, found: Truth, run: Execution) -> bool:
    """Whether the run ends in what the property is about."""
    if name == DEADLOCK:
        return not found.out[run.states[-1]] and is_stuck(system, run.states[-1])
    if name == ASSERTIONS:
        return len(run.states) == len(run.actions)
    if name.startswith("assertion "):
        return len(run.states) == len(run.actions) and assertion_of(system, run.actions[-1]) == name
    if len(run.states) == len(run.actions):
        return False
    p = next(p for p in system.properties if p.name == name)
    if p.kind == "always_step":
        return len(run.actions) > 0 and not evaluate(p.holds, run.states[-1], run.states[-2])
    return bool(evaluate(p.holds, run.states[-1])) == (p.kind == "reachable")


def runs(found: Truth, length: int) -> Iterator[Execution]:
    """Every run of that length."""
    pending = [Execution((s,), ()) for s in reversed(found.levels[0])]
    while pending:
        run = pending.pop()
        if len(run.actions) == length:
            yield run
        elif len(run.states) > len(run.actions):
            for index, target in found.out[run.states[-1]]:
                states = run.states if target is None else (*run.states, target)
                pending.append(Execution(states, (*run.actions, index)))


def switches(system: System, run: Execution) -> int:
    actors = [system.actions[i].actor for i in run.actions]
    return sum(map(operator.ne, actors, actors[1:]))


def least(seed: int, name: str) -> Execution | None:
    """The run to show: of the shortest with the fewest switches the first. None where there are too many to look at."""
    system, found = random_system(seed), truth(seed)
    fitting: list[Execution] = []
    for number, run in enumerate(runs(found, found.depths[name])):
        if number == MOST_RUNS:
            return None
        if shows(system, name, found, run):
            fitting.append(run)
    initial = found.levels[0]
    return min(fitting, key=lambda run: (switches(system, run), initial.index(run.states[0]), run.actions))


# ---------------------------------------------------------------- the search against it


def test_search_is_exhaustive() -> None:
    searches_are_exhaustive()


def searches_are_exhaustive(seeds: range = SEEDS) -> None:
    """States, transitions, depth, and the depth of every violation, of a search to the end."""
    for seed in seeds:
        system = random_system(seed)
        outcome, found = search(Task(system, Bounds())), truth(seed)
        last = len(found.levels) - 1
        assert outcome.complete and outcome.stopped == "" and outcome.error is None
        assert (outcome.states, outcome.depth) == (found.states(last), last), seed
        assert outcome.transitions == found.transitions(last + 1), seed
        assert outcome.depths == found.depths, seed
        assert outcome.paths.keys() == found.depths.keys()
        assert outcome.fired == collections.Counter(
            i for out in found.out.values() for i, t in out if system.actions[i].outcome != "blocked"
        )


def test_counterexamples() -> None:
    counterexamples_are_least()


def counterexamples_are_least(seeds: range = SEEDS) -> None:
    """Shortest, then fewest switches, then first, among all runs there are."""
    compared = 0
    for seed in seeds:
        system = random_system(seed)
        for name, path in search(Task(system, Bounds())).paths.items():
            best = least(seed, name)
            if best is not None:
                compared += 1
                assert path == best, (seed, name, switches(system, path), switches(system, best))
    assert compared > 2 * len(seeds)


def test_the_systems_are_worth_it() -> None:
    """Many counterexamples have switches, and switches and order decide which is shown."""
    depths, switched, choice, ordered = [0] * 20, 0, 0, 0
    for seed in SEEDS:
        system, found = random_system(seed), truth(seed)
        for name, depth in found.depths.items():
            depths[min(depth, 19)] += 1
            best = least(seed, name)
            if best is None:
                continue
            every = [r for r in runs(found, depth) if shows(system, name, found, r)]
            counts = [switches(system, r) for r in every]
            switched += min(counts) > 0
            choice += min(counts) < max(counts)
            ordered += counts.count(min(counts)) > 1
    assert all(depths[d] > 10 for d in range(5))
    assert switched > 50 and choice > 50 and ordered > 100
    assert {name for seed in SEEDS for name in truth(seed).depths} == {
        "state", "corner", "step", "goal", DEADLOCK, ASSERTIONS,
        *(f"assertion generated.py:{line}" for line in (1, 2, 3, 4)),
    }  # fmt: skip


def bounded(seed: int, outcome: Outcome, depth: int) -> None:
    """The counts are those of levels 0 to depth."""
    found = truth(seed)
    assert (outcome.states, outcome.depth) == (found.states(depth), depth), seed
    assert outcome.transitions == found.transitions(depth), seed


def test_depth_bound() -> None:
    depth_bounds_are_kept()


def depth_bounds_are_kept(seeds: range = SEEDS) -> None:
    """`depth=N`: levels 0 to N are checked, steps 1 to N, and level N is not expanded; N the last level is not the end."""
    for seed in seeds:
        system, found = random_system(seed), truth(seed)
        last = len(found.levels) - 1
        for n in {0, 1, 2, last - 1, last} & set(range(last + 1)):
            outcome = search(Task(system, Bounds(depth=n)))
            assert not outcome.complete and outcome.stopped == "depth", seed
            bounded(seed, outcome, n)
            assert outcome.depths == {name: d for name, d in found.depths.items() if d <= n}, (seed, n)
        outcome = search(Task(system, Bounds(depth=last + 1)))
        assert outcome.complete and outcome.depth == last and outcome.depths == found.depths


def test_first() -> None:
    """`first`: no level after the first with a violation, and everything that level shows. Reachable is no violation."""
    for seed in SEEDS:
        found = truth(seed)
        last = len(found.levels) - 1
        outcome = search(Task(random_system(seed), Bounds(first=True)))
        level = min((d for name, d in found.noticed.items() if name != "goal"), default=last + 1)
        if level > last:
            assert outcome.complete and outcome.depths == found.depths
            continue
        assert not outcome.complete and outcome.stopped == "first", seed
        bounded(seed, outcome, level)
        assert outcome.depths == {n: d for n, d in found.depths.items() if found.noticed[n] <= level}, seed


def test_state_bound() -> None:
    """`max_states`: as many whole levels as fit, and what they show."""
    for seed in SEEDS:
        found = truth(seed)
        last = len(found.levels) - 1
        for most in (0, 1, 5, 12, found.states(last) - 1, found.states(last)):
            outcome = search(Task(random_system(seed), Bounds(states=most)))
            level = max((d for d in range(last + 1) if found.states(d) <= most), default=0)
            if level == last and most >= found.states(last):
                assert outcome.complete and outcome.depths == found.depths
                continue
            assert not outcome.complete and outcome.stopped == "states", (seed, most)
            bounded(seed, outcome, level)
            assert outcome.depths == {n: d for n, d in found.depths.items() if found.noticed[n] <= level}, (seed, most)


def test_error_of_the_model() -> None:
    """A step that leaves a range ends the search after its level; shown is a shortest run to it, by the same rule."""
    met = 0
    for seed in SEEDS:
        system, found = random_system(seed), truth(seed)
        if ASSERTIONS not in found.depths:
            continue
        actions = tuple(
            dataclasses.replace(a, failure=Failure("range", "out", HERE)) if a.outcome == "failure" else a
            for a in system.actions
        )
        outcome = search(Task(dataclasses.replace(system, actions=actions), Bounds()))
        depth = found.depths[ASSERTIONS]
        path = outcome.error_path
        assert not outcome.complete and outcome.stopped == "error" and path is not None
        assert outcome.error == Failure("range", "out", HERE) and len(path.actions) == depth
        assert outcome.depths == {
            n: d for n, d in found.depths.items() if found.noticed[n] <= depth and not n.startswith("assertion")
        }
        fitting = [r for r in runs(found, depth) if r.actions[-1] == path.actions[-1]]
        initial = found.levels[0]
        least = min(fitting, key=lambda r: (switches(system, r), initial.index(r.states[0]), r.actions))
        assert path == least, seed
        met += 1
    assert met > 20


def test_property_that_is_undefined() -> None:
    """Where a property can't be evaluated, the search ends after the level, and the run to it is a shortest one."""
    met = 0
    for seed in SEEDS:
        system, found = random_system(seed), truth(seed)
        for name in ("state", "step"):
            if name not in found.depths:
                continue
            failure = Failure("value", "no value", HERE)
            properties = tuple(
                dataclasses.replace(p, holds=TRUE, undefined=((Apply("not", (p.holds,)), failure),))
                if p.name == name
                else p
                for p in system.properties
            )
            outcome = search(Task(dataclasses.replace(system, properties=properties), Bounds()))
            assert outcome.stopped == "error" and not outcome.complete and outcome.error == failure
            assert name not in outcome.depths
            best = least(seed, name)
            if best is not None:
                assert outcome.error_path == best, (seed, name)
                met += 1
    assert met > 100


def test_paths_are_told_as_soon_as_their_level_is_finished() -> None:
    for seed in SEEDS[:20]:
        told: list[str] = []
        listener = Listener(found=lambda name, path, told=told: told.append(name))  # type: ignore[misc]
        outcome = search(Task(random_system(seed), Bounds()), listener)
        noticed = truth(seed).noticed
        assert set(told) == set(outcome.paths) and len(told) == len(outcome.paths)
        assert [noticed[name] for name in told] == sorted(noticed[name] for name in told)


# ---------------------------------------------------------------- models


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "counter")
        self.n = var(Range(0, 9), 0)


@always
def below_two(counter: Counter) -> bool:
    """n stays below 2."""
    return counter.n < 2


@always
def is_positive(counter: Counter) -> bool:
    """n is positive from the beginning."""
    return counter.n > 0


@always_step
def by_one(counter: Counter) -> bool:
    """No step adds two."""
    return counter.n < 2 + before(lambda: counter.n)


@always_step
def never(counter: Counter) -> bool:
    """No step at all."""
    return before(lambda: False)


def counting(*, waits: bool = False) -> Model:
    """1, 2, then 4; then an assertion, and a step that nobody can take unless it may wait."""
    m = Model()
    counter = Counter(m)

    @m.thread("t")
    async def t() -> None:
        for _ in range(2):
            await step("one")
            counter.n += 1
        await step("two")
        counter.n += 2
        await step("claim")
        assert counter.n != 4, "four"
        counter.n = 0

    @m.thread("u")
    async def u() -> None:
        await step("stuck", when=lambda: counter.n > 8, may_wait=waits)

    m.require(below_two(counter), is_positive(counter), by_one(counter), never(counter))
    return m


def test_verdicts_of_a_model() -> None:
    """Each kind of violation at its depth, counted in steps."""
    result = check(counting())
    found = {p.name: (p.verdict, p.depth) for p in result.properties}
    assert found == {
        "is_positive": (Verdict.VIOLATED, 0),
        "never": (Verdict.VIOLATED, 1),
        "below_two": (Verdict.VIOLATED, 2),
        "by_one": (Verdict.VIOLATED, 3),
        ASSERTIONS: (Verdict.VIOLATED, 4),
        DEADLOCK: (Verdict.HOLDS, None),
    }
    first = result.trace("is_positive")
    assert first is not None and first.steps == ()


@pytest.mark.parametrize("depth", range(5))
def test_depth_of_a_model(depth: int) -> None:
    """What is violated at or before the bound is; the rest holds to that depth, even where the bound is the last level."""
    found = {"is_positive": 0, "never": 1, "below_two": 2, "by_one": 3, ASSERTIONS: 4}
    result = check(counting(), depth=depth)
    assert not result.complete or depth == 4
    for name, at in found.items():
        wanted = (Verdict.VIOLATED, at) if at <= depth else (Verdict.HOLDS_TO_DEPTH, depth)
        assert (result[name].verdict, result[name].depth) == wanted
    assert result.states == min(depth, 3) + 1


def test_first_and_states_of_a_model() -> None:
    """What a search that was cut short may say: nothing holds, and the exit status is the violation's if there is one."""
    first = check(counting(), first=True, properties=["below_two"])
    assert (first.stopped, first.depth, first["below_two"].verdict) == ("first", 2, Verdict.VIOLATED)
    assert first.exit_code == 1
    cut = check(counting(), max_states=2, properties=["below_two"])
    assert (cut.stopped, cut.states, cut.exit_code) == ("states", 2, 4)
    assert (cut["below_two"].verdict, cut["below_two"].depth) == (Verdict.HOLDS_TO_DEPTH, 1)


def stuck(*, patient: bool) -> Model:
    m = Model()
    counter = Counter(m)

    @m.thread("t")
    async def t() -> None:
        await step("go")
        counter.n = 1
        await step("wait", when=lambda: counter.n == 2, may_wait=patient)

    return m


def test_deadlock() -> None:
    """A thread that can't go on, unless it may wait for ever."""
    assert (check(stuck(patient=False))[DEADLOCK].verdict, check(stuck(patient=False))[DEADLOCK].depth) == (
        Verdict.VIOLATED,
        1,
    )
    assert check(stuck(patient=True))[DEADLOCK].verdict is Verdict.HOLDS
    assert check(stuck(patient=False), depth=1)[DEADLOCK].verdict is Verdict.VIOLATED
    assert check(stuck(patient=False), depth=0)[DEADLOCK].verdict is Verdict.HOLDS_TO_DEPTH


def test_runs_are_replayed() -> None:
    runs_are_replayed()


def runs_are_replayed() -> None:
    """A System that stores something else than the model does gives no trace, in its first step or in its last."""
    model = counting()
    system = lower(model)
    for index, action in enumerate(system.actions):
        if action.label != "one" or action.outcome != "step":
            continue
        wrong = tuple((c, Constant(3)) for c, _ in action.updates)
        actions = [*system.actions[:index], dataclasses.replace(action, updates=wrong), *system.actions[index + 1 :]]
        changed = dataclasses.replace(system, actions=tuple(actions))
        path = search(Task(changed, Bounds())).paths["below_two"]
        with pytest.raises(Disagreement):
            make_trace(
                model, changed, path, "below_two", claim=model.properties[0], violated=True, harm="", reproduce=""
            )


class Twice(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "twice")
        self.n = var(Range(0, 3), 0)


@record
class Entry:
    frame: int
    writable: bool


@always
def divides(p: Twice) -> bool:
    """Six is divided."""
    return 6 // (p.n - 1) != 7


def failing_twice(said: str = "one") -> Model:
    """Two assertions and a property that can't be evaluated, all after one choice."""
    m = Model()
    p = Twice(m)

    def small(text: str) -> None:
        assert p.n != 2, text

    @m.thread("t")
    async def t() -> None:
        await step("choose")
        p.n = choose(range(1, 4))

    @m.thread("u")
    async def u() -> None:
        await step("look")
        small(said)
        await step("look again")
        small("other")
        assert p.n != 3; assert p.n < 3, "three"  # fmt: skip  # noqa: E702

    m.require(divides)
    return m


def other_failures_are_noticed() -> None:
    """What a run shows at its end is CPython's too: which assertion, with which text, in which column; which step it is; the
    choice; that a property can't be evaluated, and why; and every variable."""
    model = failing_twice()
    system = lower(model)
    asserts = [i for i, a in enumerate(system.actions) if a.failure is not None and a.failure.kind == "assert"]
    assert [system.actions[i].failure.text for i in asserts] == ["one", "p.n != 3", "other"]  # type: ignore[union-attr]
    semantics = Semantics(system)

    def run(*labels: str) -> Execution:
        states, actions = [semantics.initial[0]], []
        for label in labels:
            found = [
                (i, s) for i, s in semantics.successors(states[-1]) if system.actions[i].label == label.split(":")[0]
            ]
            index, after = found[int(label.partition(":")[2] or 0)]
            actions.append(index)
            states += [] if after is None else [after]
        return Execution(tuple(states), tuple(actions))

    def traced(changed: System, path: Execution, name: str = ASSERTIONS, *, undefined: bool = False) -> None:
        claim = next((p for p in model.properties if p.name == name), None)
        make_trace(model, changed, path, name, claim=claim, violated=True, harm="", undefined=undefined)

    def edited(index: int, **changes: object) -> System:
        action = dataclasses.replace(system.actions[index], **changes)  # type: ignore[arg-type]
        return dataclasses.replace(system, actions=(*system.actions[:index], action, *system.actions[index + 1 :]))

    first, third = run("choose:1", "look"), run("look", "choose:2", "look again")
    undefined = run("choose:0")
    traced(system, first)
    traced(system, third)
    traced(system, undefined, "divides", undefined=True)
    one, last = (system.actions[path.actions[-1]].failure for path in (first, third))
    assert one is not None and last is not None
    said = {"one": "other", "other": "one"}
    exchanged = dataclasses.replace(system, actions=tuple(
        a if a.failure is None or a.failure.text not in said
        else dataclasses.replace(a, failure=dataclasses.replace(a.failure, text=said[a.failure.text]))
        for a in system.actions
    ))  # fmt: skip
    wrong = [
        (first, exchanged, "fails under CPython: assert one"),
        (first, edited(first.actions[-1], failure=last), "in the search: p.n != 3"),
        (third, edited(third.actions[-1], failure=dataclasses.replace(last, span=dataclasses.replace(last.span, column=25))),
         "fails under CPython"),
        (first, edited(first.actions[-1], label="look again"), "is 'look again' in the search and 'look' under CPython"),
        (first, edited(first.actions[0], choices=(("value", "9"),)), "chooses otherwise under CPython"),
        (Execution(first.states[:2], first.actions[:1]), system, "ends in no failing step"),
        (first, without_n(system), "the search does not have twice.n"),
        (first, without_n(system, "twice.m"), "twice.m = 0 and CPython has no such variable"),
    ]  # fmt: skip
    for path, changed, why in wrong:
        with pytest.raises(Disagreement, match=re.escape(why)):
            traced(changed, path)
    [claim] = system.properties
    [(condition, failure)] = claim.undefined
    for other in (dataclasses.replace(failure, kind="index"), dataclasses.replace(failure, span=HERE)):
        claims = (dataclasses.replace(claim, undefined=((condition, other),)),)
        with pytest.raises(Disagreement, match="for another reason"):
            traced(dataclasses.replace(system, properties=claims), undefined, "divides", undefined=True)


def without_n(system: System, instead: str = "") -> System:
    """The system whose variable has another name, or none."""
    cells = [dataclasses.replace(c, variable=instead) if c.variable == "twice.n" else c for c in system.cells]
    return dataclasses.replace(system, cells=tuple(cells))


def test_other_failures_are_noticed() -> None:
    other_failures_are_noticed()


def names_are_read_again() -> None:
    """What a thread, a rule, their values and their actors are called is either refused or found again in a schedule."""
    marks = "/*()[]:,\t\n\x00"
    values: list[tuple[object, object]] = [
        (1, 2), ((1, 2), (3, 2)), (frozenset((1, 2)), frozenset((2,))), (Entry(1, True), Entry(2, True)), ("x", "y"),
        ("a/b", "c"),
    ]  # fmt: skip
    for name in ("t", "a b", "P0.b", "é-1", "a=b", "3", *(f"a{c}b" for c in marks), "", " a", "a "):
        for over in values:
            fits = over[0] != "a/b" and bool(name) and name == name.strip() and not set(name) & set(marks)
            try:
                model = waiting(name, over)
            except LanguageError as e:
                assert not fits and "a schedule can hold" in str(e), e
                continue
            assert fits
            found = check(model, properties=["deadlock_freedom"]).trace("deadlock_freedom")
            assert len(found.steps) == 4 and {s.actor for s in found.steps} >= {f"{name} too"}
            trace, broken = replay(waiting(name, over), found.schedule)
            assert trace.schedule == found.schedule and broken == ["deadlock_freedom"]


def waiting(name: str, over: tuple[object, object]) -> Model:
    """Two threads take a step and two rules another, then the threads wait for ever."""
    m = Model()
    p = Twice(m)
    places = {value: number for number, value in enumerate(over)}

    @m.thread(name, v=over)
    async def t(v: object) -> None:
        await step("go")
        await step("wait", when=lambda: p.n == 3)

    @m.action("go", actor=f"{name} too" if name.strip() == name else name, v=over, when=lambda v: p.n == places[v])
    def go(v: object) -> None:
        p.n += 1

    return m


def test_names_are_read_again() -> None:
    names_are_read_again()
