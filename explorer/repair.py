"""What makes a property hold: every least set of changed rules, with the counterexamples that rule out all others.

z3 proposes the least changes that no counterexample known so far rules out; a search of that setting gives a counterexample
or says that it is a repair; of each counterexample the settings are computed in which the same schedule ends as badly.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from explorer.catalogue import ModelFunction
from explorer.checking import check, command, harm_of, settings
from explorer.counterexample import Disagreement, make_trace, schedule_text
from explorer.cubes import Cube
from explorer.errors import ModelError, UsageError
from explorer.expressions import cells_read, conj, disj, eq, iff, neg, rebuild
from explorer.family import code_of, only_liveness
from explorer.reduction.family import alone, family, open_cells
from explorer.render.diagram import diagram
from explorer.result import Result, Verdict
from explorer.search.engine import Engine, search
from explorer.search.family import search as search_family
from explorer.search.family import union
from explorer.search.outcome import Bounds, Path
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.semantics import State, evaluate, told
from explorer.system import FALSE, LIVENESS, TRUE, Action, Apply, Constant, Expr, Read, System
from explorer.vary import Opened, Varied, openable, parameters_of, run_command, settled, shown

Record: TypeAlias = dict[str, Any]
MOST_STATES = 1_000_000  # of one search, where nothing else is said
MOST_CHECKED = 1 << 10  # settings among which it is looked for changes that undo a repair
ERROR = "model in error"


@dataclass(frozen=True)
class Question:
    """What is asked: the parameters as the command line has them, a property, and the bounds of a search."""

    parameters: tuple[tuple[str, str], ...]
    property: str
    depth: int | None = None
    states: int | None = MOST_STATES
    engine: Engine = "auto"


@dataclass
class Work:
    """What the parts of an answer need, and what has been found: `repairs` as settings, `counterexamples` with their cubes."""

    question: Question
    function: ModelFunction
    parameters: dict[str, Any]
    rules: list[Varied]
    begun: Opened
    repairs: list[tuple[int, ...]] = field(default_factory=list)
    counterexamples: list[tuple[Cube, Path, str]] = field(default_factory=list)
    searches: int = 0
    complete: bool = True

    @property
    def base(self) -> tuple[int, ...]:
        return tuple(v.values.index(v.now) for v in self.rules)

    def changes(self, setting: Sequence[int]) -> list[tuple[Varied, Any]]:
        """The rules that the setting changes, with their values."""
        rows = zip(self.rules, setting, self.base, strict=True)
        return [(v, v.values[at]) for v, at, now in rows if at != now]

    def settled(self, setting: Sequence[int]) -> dict[str, Any]:
        """The parameters with the setting."""
        return settled(self.parameters, [(v, v.values[at]) for v, at in zip(self.rules, setting, strict=True)])


def repair(
    function: ModelFunction,
    question: Question,
    wanted: Sequence[Varied],
    *,
    said: Callable[[Varied, Any], Record] | None = None,
    say: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Record:
    """The answer as plain data; interrupted, it has what is known so far.

    `function`: the model's. `wanted`: its rules that may change. `said`: what is known of a change, as the commits that made
    it. `progress` is told how many settings were searched and how many repairs there are. Raises UsageError for a property
    that no change of rules can repair this way, ModelError where the model is in error as it is.
    """
    parameters = parameters_of(function, question.parameters)
    # the value it has stands first: what can't be left open stays as it is
    rules = [dataclasses.replace(v, values=(v.now, *(x for x in v.values if x != v.now))) for v in wanted]
    opens, fixed, begun = openable(function, parameters, rules, [question.property])
    if any(not v.rule for v in fixed):
        raise UsageError(
            "repair changes rules, and " + ", ".join(v.name for v in fixed if not v.rule) + " is a parameter"
        )
    by_name = {begun.system.cells[i].name.rpartition(".")[2]: i for i in open_cells(begun.system)}
    opens = sorted((v for v in opens if v.name in by_name), key=lambda v: by_name[v.name])
    work = Work(question, function, parameters, opens, begun)
    check_property(work)
    now = whole_check(work, work.base)
    if now.error:
        raise ModelError(now.error)
    verdict = now[question.property]
    answer = {
        "model": function.name,
        "parameters": settings(function(**parameters)),
        "property": question.property,
        "verdict": verdict.verdict.value,
        "depth": verdict.depth,
        "vary": [{"name": v.name, "values": [shown(x) for x in v.values], "now": shown(v.now)} for v in opens],
        "settled": [v.name for v in fixed],
        "interrupted": False,
    }
    repairs: list[Record] = []
    undone: Record | None = None
    if verdict.verdict is Verdict.VIOLATED and opens:
        try:
            propose(work, progress)
            work.repairs.sort(key=lambda s: (len(work.changes(s)), [v.name for v, _ in work.changes(s)], s))
            for setting in work.repairs:
                repairs.append(priced(work, now, setting, said))
            # what was merged first
            repairs.sort(key=lambda r: (len(r["changes"]), not all(c.get("commits") for c in r["changes"])))
            undone = what_undoes(work, say)
        except KeyboardInterrupt:
            answer["interrupted"], work.complete = True, False
    return {
        **answer,
        "complete": work.complete and verdict.verdict is not Verdict.HOLDS_TO_DEPTH,
        "searches": work.searches,
        "repairs": repairs,
        "counterexamples": [told_of(work, *given) for given in work.counterexamples],
        "checked": undone,
    }


def check_property(work: Work) -> None:
    """Raise UsageError for a property of another kind, or one that says nothing here."""
    name = work.question.property
    kinds = {c.name: c.kind for c in work.begun.claims} | {DEADLOCK: "always", ASSERTIONS: "always"}
    if name not in kinds:
        raise UsageError(
            f"{name} does not apply to {work.function.name} with these parameters: there is nothing to repair"
        )
    if kinds[name] == "reachable":
        raise UsageError(f"{name} is a state that should be reachable, and repair is for what must never happen")


# ---------------------------------------------------------------- repairs and counterexamples


def propose(work: Work, progress: Callable[[int, int], None] | None) -> None:
    """Find all repairs, least first."""
    from explorer.symbolic.repair import Proposer, Unknown

    proposer = Proposer([len(v.values) for v in work.rules], work.base)
    while True:
        try:
            setting = proposer.next()
        except Unknown:
            work.complete = False
            return
        if setting is None:
            return
        found = counterexample(work, setting)
        if found is None:
            proposer.found(setting)
            work.repairs.append(setting)
        else:
            proposer.rule_out(found[0])
            work.counterexamples.append(found)
        if progress is not None:
            progress(work.searches, len(work.repairs))


def counterexample(work: Work, setting: Sequence[int]) -> tuple[Cube, Path, str] | None:
    """A run that violates the property in the setting, or leads to an error of the model; and where else it is possible."""
    name, question = work.question.property, work.question
    codes = codes_of(work)
    chosen = tuple(codes[r][v] for r, v in enumerate(setting))
    system = work.begun.system
    lively = any(p.kind in LIVENESS and p.name == name for p in system.properties)
    one = only_liveness(system, chosen) if lively else alone(system, chosen)

    def stop(found: str, path: Path) -> None:
        if found == name:
            raise Violated(path)

    work.searches += 1
    try:
        outcome = search(one, Bounds(question.depth, question.states), found=stop, engine=question.engine)
    except Violated as e:
        if e.path.loop is not None:  # whether it is fair is a matter of the setting
            return tuple((v,) for v in setting), e.path, ""
        return spread(work, setting, e.path), e.path, ""
    if outcome.stopped == "interrupt" or "interrupt" in outcome.undecided.values():
        raise KeyboardInterrupt
    if outcome.error is not None:
        assert outcome.error_path is not None
        path = outcome.error_path
        text = told(outcome.error, path.states[-1], path.states[-2:][0])
        return spread(work, setting, path), path, text
    if not outcome.complete or outcome.undecided:
        work.complete = False
    return None


class Violated(Exception):
    """The search has found what it was for."""

    def __init__(self, path: Path) -> None:
        self.path = path


def codes_of(work: Work) -> list[list[int]]:
    """The code of each value of each rule."""
    cells = open_cells(work.begun.system)
    return [
        [code_of(work.begun.system, cell, value) for value in rule.values]
        for cell, rule in zip(cells, work.rules, strict=True)
    ]


def spread(work: Work, setting: Sequence[int], path: Path) -> Cube:
    """A cube of settings, with this one, in which the same schedule ends as badly."""
    from explorer.symbolic.repair import widened

    system = work.begun.system
    condition = Schedule(system, path).violates(work.question.property)
    return widened(system, condition, open_cells(system), codes_of(work), setting)


class Schedule:
    """A schedule run for all settings at once: the states that it may lead to, each with what the rules must be for it.

    A move is any of the actions that the schedule writes in the same way.
    """

    def __init__(self, system: System, path: Path) -> None:
        self.system, self.path = system, path
        self.rules = open_cells(system)
        # the state, and the one before it -> the condition
        self.branches: dict[tuple[State, State], Expr] = {(path.states[0], path.states[0]): TRUE}

    def violates(self, name: str) -> Expr:
        """What the rules must be so that the schedule is possible and its end violates the property, or is an error."""
        for position, index in enumerate(self.path.actions):
            last = position + 1 == len(self.path.states)
            taken = self.system.actions[index]
            move = schedule_text(taken)
            alike = [a for a in self.system.actions if schedule_text(a) == move and same_end(a, taken)]
            made: dict[tuple[State, State], Expr] = {}
            for (state, _), condition in self.branches.items():
                for action in alike:
                    if not begins(action, state):
                        continue
                    guard = conj(condition, self.put(action.guard, state))
                    if guard == FALSE:
                        continue
                    for after, under in [(state, TRUE)] if last else self.after(action, state):
                        key = (after, state)
                        made[key] = disj(made.get(key, FALSE), conj(guard, under))
            self.branches = made
        if len(self.path.states) == len(self.path.actions):
            return disj(*self.branches.values())
        return disj(*(conj(c, self.end(name, state, before)) for (state, before), c in self.branches.items()))

    def after(self, action: Action, state: State) -> Iterator[tuple[State, Expr]]:
        """The states that the action may lead to, each with what the rules must be for it."""
        made = list(state)
        if action.location is not None:
            made[action.location[0]] = action.location[2]
        mixed: list[tuple[int, Expr]] = []
        for cell, expr in action.updates:
            value = self.put(expr, state)
            if isinstance(value, Constant):
                made[cell] = int(value.value)
            else:
                mixed.append((cell, value))
        read = sorted(set().union(*(cells_read(e) for _, e in mixed))) if mixed else []
        results: dict[tuple[int, ...], None] = {}
        for codes in itertools.product(*(self.system.cells[cell].initial for cell in read)):
            rules = list(state)
            for cell, code in zip(read, codes, strict=True):
                rules[cell] = code
            results[tuple(int(evaluate(e, rules)) for _, e in mixed)] = None
        for values in results:
            condition: list[Expr] = []
            for (cell, expr), code in zip(mixed, values, strict=True):
                made[cell] = code
                condition.append(iff(expr, Constant(bool(code))) if expr.type == "bool" else eq(expr, Constant(code)))
            yield tuple(made), conj(*condition)

    def end(self, name: str, state: State, before: State) -> Expr:
        """What the rules must be so that the state violates the property, or some property can't be evaluated there."""
        if name == DEADLOCK:
            if all(state[t.cell] == t.finished or state[t.cell] in t.may_wait for t in self.system.threads):
                return FALSE
            moving = (a.guard for a in self.system.actions if a.outcome != "blocked" and begins(a, state))
            return conj(*(neg(self.put(guard, state)) for guard in moving))
        found = [e for p in self.system.properties for e, _ in p.undefined]
        found += [neg(p.holds) for p in self.system.properties if p.name == name]
        return disj(*(self.put(e, state, before) for e in found))

    def put(self, expr: Expr, state: State, before: State = ()) -> Expr:
        """The expression with what all cells but the rules hold."""
        known: dict[Expr, Expr] = {}

        def of(e: Expr) -> Expr:
            if isinstance(e, Read):
                if e.cell in self.rules:
                    return Read(e.cell, e.type)
                code = (before if e.before else state)[e.cell]
                return Constant(bool(code)) if e.type == "bool" else Constant(code)
            if not isinstance(e, Apply):
                return e
            made = known.get(e)
            if made is None:
                made = known[e] = rebuild(e.op, tuple([of(a) for a in e.args]))
            return made

        return of(expr)


def begins(action: Action, state: State) -> bool:
    """The action's thread is where the action begins."""
    return action.location is None or state[action.location[0]] == action.location[1]


def same_end(one: Action, other: Action) -> bool:
    """Both have a successor, or both fail in the same way."""
    if one.failure is None or other.failure is None:
        return one.outcome == other.outcome
    return one.outcome == other.outcome and (one.failure.kind == "assert") == (other.failure.kind == "assert")


def told_of(work: Work, cube: Cube, path: Path, error: str) -> Record:
    """A counterexample for the reader: where it is possible, and its diagram, replayed by CPython."""
    name = work.question.property
    system, model = work.begun.system, work.begun.model
    cells = open_cells(system)
    codes = codes_of(work)
    setting = [codes[r].index(path.states[0][cell]) for r, cell in enumerate(cells)]
    concrete = work.function(**work.settled(setting))
    claim = next((c for c in work.begun.claims if c.name == name), None)
    trace = make_trace(
        model, system, path, ERROR if error else name,
        claim=None if error else claim, violated=True,
        harm=error or harm_of(system, claim, name, path), reproduce=command(concrete, system, path),
    )  # fmt: skip
    return {
        "cube": {
            v.name: [shown(v.values[x]) for x in values]
            for v, values in zip(work.rules, cube, strict=True)
            if len(values) < len(v.values)
        },
        "depth": len(path.actions),
        "error": error,
        "schedule": trace.schedule,
        "diagram": diagram(trace),
        "replay": trace.reproduce,
    }


# ---------------------------------------------------------------- what a repair costs


def whole_check(work: Work, setting: Sequence[int]) -> Result:
    """All properties in one setting, of the model lowered for it."""
    model = work.function(**work.settled(setting))
    result = check(model, depth=work.question.depth, max_states=work.question.states, engine=work.question.engine)
    if result.stopped == "interrupt" or any(p.reason == "interrupted" for p in result.properties):
        raise KeyboardInterrupt
    return result


def priced(work: Work, now: Result, setting: Sequence[int], said: Callable[[Varied, Any], Record] | None) -> Record:
    """A repair: what it changes, and which other verdicts that changes."""
    name = work.question.property
    result = whole_check(work, setting)
    if not result.error and result[name].verdict is Verdict.VIOLATED:
        raise Disagreement(
            f"{name} holds in the search with rules left open and is violated in the model built for them"
        )
    changes = work.changes(setting)
    before = {p.name: p for p in now.properties}
    fixes: list[Record] = []
    breaks: list[Record] = []
    for after in result.properties:
        was = before.get(after.name)
        old, new = None if was is None else was.verdict, after.verdict
        about = {"property": after.name, "verdict": new.value, "depth": after.depth, "reason": after.reason}
        if after.name == name or old is new:
            continue
        if new is Verdict.VIOLATED or new is Verdict.UNREACHABLE and not after.reason:
            breaks.append(about)
        elif old is Verdict.VIOLATED and new is not Verdict.UNDECIDED:
            fixes.append(about)
    return {
        "changes": [
            {"rule": v.name, "value": shown(x), "now": shown(v.now), **(said(v, x) if said is not None else {})}
            for v, x in changes
        ],
        "verdict": ERROR if result.error else result[name].verdict.value,
        "error": result.error,
        "fixes": fixes,
        "breaks": breaks,
        "show": run_command(work.function, work.settled(setting)),
    }


# ---------------------------------------------------------------- what undoes a repair


def what_undoes(work: Work, say: Callable[[str], None] | None) -> Record | None:
    """Whether more changes can undo a repair: looked at in the settings of the rules of all repairs, and of as many more
    rules as there is room for. None where that is too much, or says nothing.

    The repairs must be the least of the settings in which the property holds: this is asserted.
    """
    name = work.question.property
    if not work.repairs or any(p.kind in LIVENESS for p in work.begun.system.properties):
        return None
    changed = [r for r in range(len(work.rules)) if any(s[r] != work.base[r] for s in work.repairs)]
    for r in range(len(work.rules)):
        if r not in changed and math.prod(len(work.rules[i].values) for i in [*changed, r]) <= MOST_CHECKED:
            changed.append(r)
    count = math.prod(len(work.rules[i].values) for i in changed)
    if count > MOST_CHECKED:
        return None
    codes = codes_of(work)
    rows = [
        tuple(row) for row in itertools.product(
            *(range(len(v.values)) if r in changed else (work.base[r],) for r, v in enumerate(work.rules))
        )
    ]  # fmt: skip
    made = family(work.begun.system, [tuple(codes[r][v] for r, v in enumerate(row)) for row in rows])
    outcome = search_family(
        made, Bounds(work.question.depth, work.question.states), engine=work.question.engine, say=say
    )
    if outcome.stopped == "interrupt":
        raise KeyboardInterrupt
    bad = union(outcome.first.get(name, {}).values()) | union(outcome.errors.values())
    if outcome.running:
        return None
    position = {row: i for i, row in enumerate(rows)}
    good = [row for row in rows if not bad >> position[row] & 1]
    least = [row for row in good if not any(other != row and weaker(work.base, other, row) for other in good)]
    if sorted(least) != sorted(work.repairs):
        raise Disagreement(f"the repairs of {name} are {work.repairs}, but in a search of all settings {least}")
    hurts = [
        {
            "repair": [v.text(x) for v, x in work.changes(row)],
            "change": work.rules[r].text(work.rules[r].values[value]),
        }
        for row in least
        for r in changed
        if row[r] == work.base[r]
        for value in range(len(work.rules[r].values))
        if value != row[r] and bad >> position[(*row[:r], value, *row[r + 1 :])] & 1
    ]
    undone = sum(
        bool(bad >> position[row] & 1) and any(weaker(work.base, one, row) for one in work.repairs) for row in rows
    )
    return {
        "rules": [work.rules[r].name for r in sorted(changed)],
        "settings": len(rows),
        "undone": undone,
        "hurts": hurts,
    }


def weaker(base: Sequence[int], one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether what the one changes, the other changes in the same way."""
    return all(a in (now, b) for now, a, b in zip(base, one, other, strict=True))
