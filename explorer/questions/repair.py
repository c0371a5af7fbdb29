"""What makes a property hold: every least set of changed rules, with the counterexamples that rule out all others.

z3 proposes the least changes that no counterexample known so far rules out; a search of that setting gives a counterexample
or says that it is a repair; of each counterexample the settings are computed in which the same schedule ends as badly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from explorer.answer.catalogue import ModelFunction
from explorer.answer.checking import check, command, harm_of
from explorer.answer.counterexample import Disagreement, make_trace
from explorer.answer.repair import (
    Change,
    Left,
    NotConsidered,
    OtherVerdict,
    Provenance,
    Repair,
    RepairAnswer,
    RepairRule,
    Robustness,
    RuledOut,
    Standing,
    Undoing,
    WithoutModel,
)
from explorer.answer.result import Result, Verdict
from explorer.answer.schedules import Moves, Schedule
from explorer.errors import ModelError, UsageError
from explorer.language.rules import Rules
from explorer.language.values import parameters_text, rule_text
from explorer.process import stop
from explorer.questions.builds import Build, Builds, NoModel, Values
from explorer.questions.family import only_liveness
from explorer.questions.vary import Varied, parameters_of, run_command
from explorer.reduction.cubes import Cube, merged_cubes, outside
from explorer.reduction.family import alone, family, open_cells
from explorer.render.diagram import diagram
from explorer.search.engine import search
from explorer.search.family import search as search_family
from explorer.search.family import union
from explorer.search.outcome import Bounds, Engine, Execution, Listener, Progress, Task
from explorer.system.form import FALSE, LIVENESS, Expr
from explorer.system.semantics import evaluate, failure_text

MOST_STATES = 1_000_000  # of one search, where nothing else is said
MOST_CHECKED = 1 << 10  # settings among which it is looked for changes that undo a repair
MOST_CHECKED_STATES = 100_000  # of the search for them
NOT_NAMED = "not named by --vary"
MOST_BUILDS = 16  # systems among whose settings it is looked for changes that undo a repair


@dataclass(frozen=True)
class Question:
    """What is asked: the parameters as the command line has them, a property, and the bounds of a search."""

    parameters: tuple[tuple[str, str], ...]
    property: str
    depth: int | None = None
    states: int | None = MOST_STATES
    engine: Engine = "auto"


@dataclass(frozen=True)
class Telling:
    """Who hears of the work while it goes on, and who knows more of a change.

    `provenance`: what a rule says, and the commits that made a change of it; None for what is no kernel's.
    `standing`: hears of the property before anything is looked for.
    `sized`: hears of the least sets of one size, once all of that size are known.
    `progress`: settings searched, least sets found, settings left, all settings.
    `within`: how far one search is.
    `say`: what a user may want to know about engines.
    """

    provenance: Callable[[Varied, Any], Provenance | None] | None = None
    standing: Callable[[Standing], None] | None = None
    sized: Callable[[list[Repair]], None] | None = None
    progress: Callable[[int, int, int, int], None] | None = None
    within: Callable[[Progress], None] | None = None
    say: Callable[[str], None] | None = None


@dataclass
class Counterexample:
    """A run that ends badly, found in a setting of a build; `cubes`: where the same schedule does. `error`: of the model."""

    build: Build
    path: Execution
    error: str
    moves: Moves | None  # None: it goes on for ever, and whether it is fair is a matter of the setting
    cubes: list[Cube]
    conditions: dict[int, Expr] = field(default_factory=dict)  # of each build by its position: where it ends badly


@dataclass
class Work:
    """What the parts of an answer need, and what has been found: `repairs` as settings, `counterexamples` with their cubes.

    `least`: a set that is not known yet changes at least so many rules. `decided`: no search came to a bound.
    """

    question: Question
    builds: Builds
    telling: Telling
    repairs: list[Values] = field(default_factory=list)
    counterexamples: list[Counterexample] = field(default_factory=list)
    searches: int = 0
    least: int = 1
    exhausted: bool = False
    decided: bool = True
    bounded: set[Values] = field(default_factory=set)  # settings in which nothing was found up to a bound

    @property
    def rules(self) -> list[Varied]:
        return self.builds.rules

    def changes(self, values: Sequence[int]) -> list[tuple[Varied, Any]]:
        """The rules that the setting changes, with their values."""
        changed = [(v, v.values[at]) for v, at in zip(self.rules, values, strict=False) if at]
        return sorted(changed, key=lambda change: change[0].name)

    def left(self) -> int:
        """How many settings no counterexample rules out and that are no repair with other changes besides."""
        cubes = [c for one in self.counterexamples for c in one.cubes] + [n.cube for n in self.builds.none]
        cubes += [above(values, [len(v.values) for v in self.rules]) for values in self.repairs]
        return outside([len(v.values) for v in self.rules], [self.builds.wide(c) for c in cubes])

    def all(self) -> int:
        return math.prod(len(v.values) for v in self.rules)

    def progress(self) -> None:
        if self.telling.progress is not None:
            self.telling.progress(self.searches, len(self.repairs), self.left(), self.all())


def repair(
    function: ModelFunction,
    question: Question,
    wanted: Sequence[Varied] | None,
    *,
    why_not: Callable[[Rules, str], str] = lambda record, name: "",
    telling: Telling = Telling(),
) -> RepairAnswer:
    """The answer; interrupted, it has what is known so far.

    `function`: the model's. `wanted`: its rules that may change; None: every rule that the model reads in any setting of
    those that may change, but those of which `why_not` gives a reason. Raises UsageError for a property that no change of
    rules can repair this way, ModelError where the model is in error as it is.
    """
    parameters = parameters_of(function, question.parameters)
    if any(not v.rule for v in wanted or ()):
        raise UsageError(
            "repair changes rules, and " + ", ".join(v.name for v in wanted or () if not v.rule) + " is a parameter"
        )
    if wanted is not None:
        why_not = lambda record, name: NOT_NAMED  # noqa: E731
    builds = Builds(function, parameters, wanted or (), question.property, why_not)
    work = Work(question, builds, telling)
    check_property(work, builds.of(builds.base))
    now = whole_check(work, builds.base)
    if now.error:
        raise ModelError(now.error)
    verdict = now[question.property]
    text = parameters_text(function(**parameters))
    standing = Standing(function.name, text, question.property, verdict.verdict, verdict.depth)
    if telling.standing is not None:
        telling.standing(standing)
    repairs: list[Repair] = []
    checked: Robustness | str = "nothing to repair"
    interrupted = False
    if verdict.verdict is Verdict.VIOLATED:
        try:
            propose(work, now, repairs)
            checked = what_undoes(work)
        except KeyboardInterrupt:
            stop.caught()
            interrupted = True
            checked = "interrupted"
    apart = {rule for build in builds.made for rule in build.fixed}
    return RepairAnswer(
        model=standing.model,
        parameters=standing.parameters,
        name=standing.name,
        verdict=standing.verdict,
        depth=standing.depth,
        vary=tuple(
            RepairRule(v.name, tuple(map(rule_text, v.values)), rule_text(v.now), r in apart)
            for r, v in enumerate(builds.rules)
        ),
        settled=(),
        every=wanted is None,
        unread=tuple(v.name for v in builds.rules if v.name not in builds.read),
        not_considered=tuple(NotConsidered(name, builds.aside[name]) for name in sorted(builds.aside)),
        no_model=tuple(WithoutModel(in_words(work, none.cube), none.reason) for none in builds.none),
        left=Left(
            count=0 if work.exhausted else work.left(),
            of=work.all(),
            changes=None if work.exhausted else work.least,
        ),
        interrupted=interrupted,
        complete=work.decided and not interrupted and verdict.verdict is not Verdict.HOLDS_TO_DEPTH,
        searches=work.searches,
        repairs=tuple(repairs),
        counterexamples=tuple(ruled_out(work, given) for given in work.counterexamples),
        checked=checked if isinstance(checked, Robustness) else None,
        not_checked=checked if isinstance(checked, str) else "",
    )


def check_property(work: Work, base: Build | NoModel) -> None:
    """Raise UsageError for a property of another kind, or one that says nothing here."""
    name = work.question.property
    if isinstance(base, NoModel):
        raise UsageError(
            f"{name} does not apply to {work.builds.function.name} with these parameters ({base.reason}): there is nothing to "
            "repair"
        )
    kinds = {c.name: c.kind for c in base.begun.claims}
    if kinds.get(name) == "reachable":
        raise UsageError(f"{name} is a state that should be reachable, and repair is for what must never happen")


# ---------------------------------------------------------------- repairs and counterexamples


def propose(work: Work, now: Result, repairs: list[Repair]) -> None:
    """Find all repairs, least first, each with its price; `repairs` has those found, also where it is interrupted."""
    from explorer.symbolic.repair import Proposer, Unknown

    proposer = Proposer()
    first = 0  # of those of the present size
    while True:
        for rule in work.rules[len(proposer.has) :]:
            proposer.varies(len(rule.values))
        work.progress()
        try:
            values = proposer.next()
        except Unknown:
            work.decided = False
            report_size(work, repairs, first)
            return
        size = work.least if values is None else sum(map(bool, values))
        if values is None or size > work.least:
            first = report_size(work, repairs, first)
        if values is None:
            work.exhausted = True
            return
        work.least = max(size, 1)
        build = work.builds.of(values)
        for rule in work.rules[len(proposer.has) :]:
            proposer.varies(len(rule.values))
        values = work.builds.padded_setting(values)
        cube = build.cube if isinstance(build, NoModel) else ruled_out_already(work, build, values)
        if cube is None:
            assert isinstance(build, Build)
            found = counterexample(work, build, values)
            if found is not None:
                work.counterexamples.append(found)
                cube = found.cubes[0]
        if cube is not None:
            if not all(at in allowed for at, allowed in zip(values, cube, strict=False)):
                raise Disagreement(f"{cube} is ruled out for the setting {values}, which is not in it")
            proposer.rule_out(cube)
            continue
        proposer.note_repair(values)
        work.repairs.append(values)
        repairs.append(unpriced_repair(work, values))
        work.progress()
        repairs[-1] = priced_repair(work, now, values)


def report_size(work: Work, repairs: list[Repair], first: int) -> int:
    """All of one size are known: in their order, what was merged first."""
    order = {id(r): values for r, values in zip(repairs, work.repairs, strict=True)}
    group = sorted(
        repairs[first:],
        key=lambda r: (
            not all(c.commits for c in r.changes),
            [c.rule for c in r.changes],
            order[id(r)],
        ),
    )
    repairs[first:], work.repairs[first:] = group, [order[id(r)] for r in group]
    if group and work.telling.sized is not None:
        work.telling.sized(group)
    return len(repairs)


def ruled_out_already(work: Work, build: Build, values: Values) -> Cube | None:
    """Where the schedule of a counterexample ends as badly in this setting too, a cube of settings around it."""
    from explorer.symbolic.repair import widened_cube

    name, system = work.question.property, build.begun.system
    at = work.builds.made.index(build)
    rows = dict(zip(open_cells(system), build.setting(values), strict=True))
    state = [rows.get(i, 0) for i in range(len(system.cells))]
    for known in work.counterexamples:
        if known.moves is None:
            continue
        if at not in known.conditions:
            known.conditions[at] = Schedule(system, known.moves).violates(name)
        condition = known.conditions[at]
        if condition == FALSE or not evaluate(condition, state):
            continue
        inner = widened_cube(system, condition, tuple(rows), build.codes, [values[r] for r in build.opens])
        cube = work.builds.across(build, inner)
        known.cubes = merged_cubes([*map(work.builds.wide, known.cubes), cube])
        return cube
    return None


def counterexample(work: Work, build: Build, values: Values) -> Counterexample | None:
    """A run that violates the property in the setting, or leads to an error of the model; and where else it is possible."""
    from explorer.symbolic.repair import widened_cube

    name, question = work.question.property, work.question
    chosen, system = build.setting(values), build.begun.system
    lively = any(p.kind in LIVENESS and p.name == name for p in system.properties)
    one = only_liveness(system, chosen) if lively else alone(system, chosen)

    def noted(found: str, path: Execution) -> None:
        if found == name:
            raise Violated(path)

    work.searches += 1
    error = ""
    try:
        task = Task(one, Bounds(question.depth, question.states), question.engine)
        outcome = search(task, Listener(work.telling.within, noted))
    except Violated as e:
        path = e.path
    else:
        if outcome.stopped == "interrupt" or "interrupt" in outcome.undecided.values():
            raise KeyboardInterrupt
        if outcome.error is None:
            if not outcome.complete or outcome.undecided:
                work.decided = False
                work.bounded.add(values)
            return None
        assert outcome.error_path is not None
        path = outcome.error_path
        error = failure_text(outcome.error, path.states[-1], path.states[-2:][0])
    if path.loop is not None:
        return Counterexample(build, path, error, None, [tuple((v,) for v in values)])
    moves = Moves.of(system, path)
    condition = Schedule(system, moves).violates(name)
    inner = widened_cube(system, condition, open_cells(system), build.codes, [values[r] for r in build.opens])
    at = work.builds.made.index(build)
    return Counterexample(build, path, error, moves, [work.builds.across(build, inner)], {at: condition})


class Violated(Exception):
    """The search has found what it was for."""

    def __init__(self, path: Execution) -> None:
        self.path = path


def ruled_out(work: Work, given: Counterexample) -> RuledOut:
    """A counterexample for the reader: where it is possible, and its diagram, replayed by CPython."""
    name, build, path = work.question.property, given.build, given.path
    system, model = build.begun.system, build.begun.model
    values = list(work.builds.base)
    for rule, value in build.fixed.items():
        values[rule] = value
    for rule, codes, cell in zip(build.opens, build.codes, open_cells(system), strict=True):
        values[rule] = codes.index(path.states[0][cell])
    concrete = work.builds.function(**work.builds.settled_parameters(values))
    claim = next((c for c in build.begun.claims if c.name == name), None)
    trace = make_trace(
        model, system, path, Verdict.IN_ERROR.value if given.error else name,
        claim=None if given.error else claim, violated=True,
        harm=given.error or harm_of(system, claim, name, path), reproduce=command(concrete, system, path),
    )  # fmt: skip
    cubes = tuple(in_words(work, work.builds.wide(cube)) for cube in given.cubes)
    return RuledOut(
        cube=cubes[0],
        cubes=cubes,
        depth=len(path.actions),
        error=given.error,
        schedule=trace.schedule,
        diagram=diagram(trace),
        replay=trace.reproduce,
    )


def in_words(work: Work, cube: Cube) -> dict[str, tuple[str, ...]]:
    """The rules that the cube speaks about, with the values that it allows."""
    return {
        v.name: tuple(rule_text(v.values[x]) for x in values)
        for v, values in zip(work.rules, cube, strict=False)
        if len(values) < len(v.values)
    }


# ---------------------------------------------------------------- what a repair costs


def whole_check(work: Work, values: Sequence[int]) -> Result:
    """All properties in one setting, of the model lowered for it."""
    model = work.builds.function(**work.builds.settled_parameters(values))
    question = work.question
    result = check(
        model, depth=question.depth, max_states=question.states, engine=question.engine, progress=work.telling.within
    )
    if result.stopped == "interrupt" or any(p.reason == "interrupted" for p in result.properties):
        raise KeyboardInterrupt
    return result


def unpriced_repair(work: Work, values: Values) -> Repair:
    """A repair before it is known what it costs."""

    def change(rule: Varied, value: Any) -> Change:
        known = None if work.telling.provenance is None else work.telling.provenance(rule, value)
        made = Change(rule.name, rule_text(value), rule_text(rule.now))
        return made if known is None else replace(made, sentence=known.sentence, commits=known.commits)

    return Repair(
        changes=tuple(change(rule, value) for rule, value in work.changes(values)),
        verdict=Verdict.HOLDS_TO_DEPTH if values in work.bounded else Verdict.HOLDS,
        error="",
        fixes=None,
        breaks=None,
        show=run_command(work.builds.function, work.builds.settled_parameters(values)),
    )


def priced_repair(work: Work, now: Result, values: Values) -> Repair:
    """A repair: what it changes, and which other verdicts that changes."""
    name = work.question.property
    result = whole_check(work, values)
    if not result.error and result[name].verdict in (Verdict.VIOLATED, Verdict.NOT_APPLICABLE):
        raise Disagreement(
            f"{name} holds in the search with rules left open and is {result[name].verdict.value} in the model built for them"
        )
    before = {p.name: p for p in now.summaries}
    fixes: list[OtherVerdict] = []
    breaks: list[OtherVerdict] = []
    for after in result.summaries:
        was = before.get(after.name)
        old, new = None if was is None else was.verdict, after.verdict
        about = OtherVerdict(after.name, new, after.depth, after.reason)
        if after.name == name or old is new:
            continue
        if new is Verdict.VIOLATED or new is Verdict.UNREACHABLE and not after.reason:
            breaks.append(about)
        elif old is Verdict.VIOLATED and new is not Verdict.UNDECIDED:
            fixes.append(about)
    return replace(
        unpriced_repair(work, values),
        verdict=Verdict.IN_ERROR if result.error else result[name].verdict,
        error=result.error,
        fixes=tuple(fixes),
        breaks=tuple(breaks),
    )


# ---------------------------------------------------------------- what undoes a repair


def what_undoes(work: Work) -> Robustness | str:
    """Whether more changes can undo a repair: looked at in the settings of the rules of all repairs, and of as many more
    rules as there is room for. A text says why it was not looked at.

    The repairs must be the least of the settings in which the property holds: this is asserted.
    """
    name, question, builds = work.question.property, work.question, work.builds
    if not work.repairs:
        return "there is none"
    if any(p.kind in LIVENESS for build in builds.made for p in build.begun.system.properties):
        return f"{name} is about whole runs"
    if not work.decided:
        return "a bound was reached"
    repairs = [builds.padded_setting(values) for values in work.repairs]
    sizes = [len(v.values) for v in work.rules]
    changed = [r for r in range(len(sizes)) if any(values[r] for values in repairs)]
    if math.prod(sizes[r] for r in changed) > MOST_CHECKED:
        return f"the rules that they change have {math.prod(sizes[r] for r in changed):,} settings, more than {MOST_CHECKED:,}"
    for r in range(len(sizes)):
        if r not in changed and math.prod(sizes[i] for i in [*changed, r]) <= MOST_CHECKED:
            changed.append(r)
    choices = [range(size) if r in changed else (0,) for r, size in enumerate(sizes)]
    bad: dict[Values, bool] = {}
    of_build: dict[int, tuple[Build, list[Values]]] = {}
    for row in itertools.product(*choices):
        build = builds.of(row)
        if isinstance(build, Build):
            of_build.setdefault(id(build), (build, []))[1].append(row)
        if len(of_build) > MOST_BUILDS:
            return f"what these rules decide makes more than {MOST_BUILDS} systems"
    states = MOST_CHECKED_STATES if question.states is None else min(question.states, MOST_CHECKED_STATES)
    for build, rows in of_build.values():
        same: dict[tuple[int, ...], list[Values]] = {}
        for row in rows:  # what is not read here makes no difference
            same.setdefault(build.setting(row), []).append(row)
        made = family(build.begun.system, list(same))
        listener = Listener(work.telling.within, say=work.telling.say)
        outcome = search_family(made, Bounds(question.depth, states), question.engine, listener)
        if outcome.stopped == "interrupt":
            raise KeyboardInterrupt
        if outcome.running:
            return f"its search came to a bound ({states:,} states)"
        wrong = union(outcome.first.get(name, {}).values()) | union(outcome.errors.values())
        for position, alike in enumerate(same.values()):
            bad.update((row, bool(wrong >> position & 1)) for row in alike)
    good = [row for row, wrong in bad.items() if not wrong]
    least = [row for row in good if not any(other != row and weaker(other, row) for other in good)]
    if sorted(least) != sorted(repairs):
        raise Disagreement(f"the repairs of {name} are {repairs}, but in a search of all settings {least}")
    hurts = tuple(
        Undoing(tuple(v.text(x) for v, x in work.changes(row)), work.rules[r].text(work.rules[r].values[value]))
        for row in least
        for r in changed
        if row[r] == 0
        for value in range(1, sizes[r])
        if bad.get((*row[:r], value, *row[r + 1 :]))
    )
    return Robustness(
        rules=tuple(work.rules[r].name for r in sorted(changed)),
        count=len(bad),
        undone=sum(wrong and any(weaker(one, row) for one in repairs) for row, wrong in bad.items()),
        hurts=hurts,
    )


def weaker(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether what the one changes, the other changes in the same way."""
    return all(a in (0, b) for a, b in zip(one, other, strict=True))


def above(values: Sequence[int], sizes: Sequence[int]) -> Cube:
    """The settings that change what this one changes, in the same way, and perhaps more."""
    return tuple((at,) if at else tuple(range(size)) for at, size in itertools.zip_longest(values, sizes, fillvalue=0))
