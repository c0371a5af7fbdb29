"""What a model needs: each guard, lock, decision, statement and rule is taken out, and the search is done again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from explorer.answer.catalogue import ModelFunction, load
from explorer.answer.checking import check, harm_of, path_result, select
from explorer.answer.counterexample import Disagreement, short, taken_step
from explorer.answer.necessity import (
    Break,
    NecessityAnswer,
    Need,
    NotTakenOut,
    PropertyNeeds,
    RemovalAnswer,
    RemovalTrace,
)
from explorer.answer.trace import Trace
from explorer.cache import content
from explorer.errors import ExplorerError, ModelError, UsageError
from explorer.language.model import Model
from explorer.language.properties import Property
from explorer.language.rules import Rules, open_rule
from explorer.language.values import parameter_text, parameters_text
from explorer.lowering import Routines, lower, lower_each, routines
from explorer.process import stop
from explorer.questions import matrix, workers
from explorer.questions.kept import keep_answer, recall_answer
from explorer.questions.removal import PassedOver, Removal, edit, looked_at
from explorer.render.diagram import diagram
from explorer.search.engine import search
from explorer.search.outcome import Bounds, Execution, Task
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.form import System
from explorer.system.semantics import Semantics, evaluate, failure_text
from explorer.system.states import variables

ERROR = "the model is in error"
SAME = "without it the system is the same"
PROTECTING = ("guard", "lock", "rule")
MOST_STATES = 200_000  # of one search, where nothing else is said: a count, so that two runs say the same
NOTE = (
    "This run is of the model without that part: the system's evaluator has replayed it step by step, and not CPython."
)


@dataclass(frozen=True)
class Flip:
    """A rule of the parameter `parameter` (a kernel), with another value."""

    parameter: str
    rule: str
    value: Any
    now: Any


@dataclass(frozen=True)
class Question:
    """What is asked: a model by name, its parameters and properties as the command line has them, and the bounds of a search.

    `kinds`: of what is taken out; None: everything.
    """

    model: str
    parameters: tuple[tuple[str, str], ...] = ()
    properties: tuple[str, ...] | None = None
    depth: int | None = None
    states: int | None = MOST_STATES
    kinds: tuple[str, ...] | None = None


def necessity(
    question: Question, *, jobs: int = 1, progress: Callable[[int, int], None] | None = None
) -> NecessityAnswer:
    """What was taken out with what that breaks, and for each property what breaks it.

    Interrupted, it has what is known so far and `complete` is false. Raises ModelError for a model that is in error as it is.
    """
    model_function.cache_clear()  # a file may have been edited since
    preparation.cache_clear()
    model, candidates = preparation(question).model, preparation(question).candidates
    base = as_it_is(question)
    found: dict[int, RemovalAnswer] = {}
    interrupted = False
    try:
        for i, removal in workers.each(attempt, [(question, i, base) for i in range(len(candidates))], jobs):
            found[i] = removal
            if progress is not None:
                progress(len(found), len(candidates))
    except KeyboardInterrupt:
        stop.caught()
        interrupted = True
    every = [found[i] for i in sorted(found)]
    removals = tuple(r for r in every if r.verdict is not None)
    known = all(r.verdict is not Need.UNKNOWN for r in removals)
    without_effect = [NotTakenOut(SAME, r.text, r.function, r.file, r.line) for r in every if r.verdict is None]
    passed = [NotTakenOut(p.reason, p.text, p.function, short(p.file), p.line) for p in preparation(question).passed]
    return NecessityAnswer(
        model=question.model,
        parameters=parameters_text(model),
        kernel=parameters_text(model).get("kernel"),
        complete=base.complete and known and not interrupted,
        interrupted=interrupted,
        states=base.states,
        removals=removals,
        passed_over=tuple(dict.fromkeys([*without_effect, *passed])),
        not_tried=len(candidates) - len(every),
        properties=tuple(property_needs(name, base, removals) for name in base.properties),
    )


def questions_of(
    function: ModelFunction, properties: tuple[str, ...] | None, depth: int | None, states: int | None
) -> list[Question]:
    """What a report on all models asks of one.

    Its guards, locks and rules where it keeps what it promises: with the parameters of its `FIXED`, or its defaults. And
    everything with those that its file names, `NECESSITY = ({"design": "lease"}, {"holders": "2"})`.
    """
    said = matrix.module(function)
    fixed = tuple((name, parameter_text(value)) for name, value in said.get("FIXED", {}).items())
    more = [tuple(dict(given).items()) for given in said.get("NECESSITY", ())]
    for name in {name for given in more for name, _ in given} - set(function.parameters):
        raise UsageError(f"NECESSITY of the model {function.name} names {name!r}, which is no parameter of it")
    return [
        Question(function.name, fixed, properties, depth, states, PROTECTING),
        *(Question(function.name, given, properties, depth, states) for given in more),
    ]


def necessities(
    questions: Sequence[Question], *, jobs: int = 1, progress: Callable[[int, int], None] | None = None
) -> list[NecessityAnswer]:
    """The answers to several questions, in their order. Interrupted, those that are known: then some are missing."""
    found: dict[int, NecessityAnswer] = {}
    try:
        for i, answer in workers.each(kept_necessity, [(q,) for q in questions], jobs):
            found[i] = answer
            if progress is not None:
                progress(len(found), len(questions))
    except KeyboardInterrupt:
        stop.caught()
    return [found[i] for i in sorted(found)]


def kept_necessity(question: Question) -> NecessityAnswer:
    """The answer, from what is kept if the sources are the same. Raises KeyboardInterrupt."""
    key = content.digest(content.tool(), stamp(question))
    known: NecessityAnswer | None = recall_answer("necessity", key, NecessityAnswer)
    if known is not None:
        return known
    answer = necessity(question)
    if answer.interrupted:
        raise KeyboardInterrupt
    keep_answer("necessity", key, answer)
    return answer


def stamp(question: Question) -> str:
    """The digest of all sources and parameters that the answer depends on, without the tool's."""
    row = matrix.Row(question.model, question.parameters)
    asked = matrix.Question(question.properties, question.depth, question.states)
    return content.digest(matrix.stamp(row, asked), ",".join(question.kinds or ("everything",)))


def property_needs(name: str, base: AsItIs, removals: Sequence[RemovalAnswer]) -> PropertyNeeds:
    """What a property owes to whom."""
    found = [i for i, removal in enumerate(removals) if any(b.name == name for b in removal.breaks)]
    return PropertyNeeds(name, name in base.violated, tuple(found))


# ---------------------------------------------------------------- the model as it is


@dataclass(frozen=True)
class Prepared:
    """The model, the properties asked about, the system without any, its routines, what can be taken out, and what else stands
    in them."""

    model: Model
    claims: list[Property]
    plain: System
    routines: Routines
    candidates: list[Removal | Flip]
    passed: list[PassedOver]


@lru_cache(maxsize=1)
def model_function(name: str) -> ModelFunction:
    """The model's function: once, as a file that is imported anew has other classes."""
    return load(name)


@lru_cache(maxsize=1)
def preparation(question: Question) -> Prepared:
    """What every search of the question begins with."""
    model = model_function(question.model)(**dict(question.parameters))
    found = routines(model)
    taken_out, passed = looked_at(model, found)
    plain = lower(model, [])
    candidates: list[Removal | Flip] = [*taken_out, *rules(model)]
    if question.kinds is not None:
        reason = f"not asked: a {'{}'} (asked: {', '.join(question.kinds)})"
        left = [c for c in taken_out if c.kind not in question.kinds]
        passed += [PassedOver(reason.format(c.kind), c.text, c.function, c.file, c.line) for c in left]
        candidates = [c for c in candidates if kind_of(c) in question.kinds]
    return Prepared(model, claims_of(model, question), plain, found, candidates, passed + unlisted_rules(model))


def kind_of(candidate: Removal | Flip) -> str:
    """What it is called in the answer."""
    return candidate.kind if isinstance(candidate, Removal) else "rule"


def rules(model: Model) -> list[Flip]:
    """Every other value of every rule that the lowered model reads, of the records that are parameters."""
    found: list[Flip] = []
    for name, record in model.parameters.items():
        if isinstance(record, Rules) and dataclasses.is_dataclass(record):
            read = model.rules_read.names(type(record))
            for field in (f for f in dataclasses.fields(record) if f.name in read):
                now = None if open_rule(record, field.name) is not None else getattr(record, field.name)
                others = [not now] if isinstance(now, bool) else list(type(now)) if isinstance(now, Enum) else []
                found += [Flip(name, field.name, value, now) for value in others if value != now]
    return found


def unlisted_rules(model: Model) -> list[PassedOver]:
    """The rules that the model reads and whose other values nobody can list."""
    return [
        PassedOver("a rule whose values can't be listed", name, "", "", 0)
        for record in model.parameters.values()
        if isinstance(record, Rules) and dataclasses.is_dataclass(record)
        for name in sorted(model.rules_read.names(type(record)))
        if open_rule(record, name) is None and not isinstance(getattr(record, name), bool | Enum)
    ]


@dataclass(frozen=True)
class AsItIs:
    """What the search says of the model before anything is taken out.

    `states`: of the search.
    `complete`: it saw all of them.
    `depth`: of the last level.
    `properties`: asked about that apply.
    `violated`: those that do not hold.
    `lines`: of the source (file, line) that some run comes to.
    """

    states: int
    complete: bool
    depth: int
    properties: tuple[str, ...]
    violated: tuple[str, ...]
    lines: frozenset[tuple[str, int]]


def as_it_is(question: Question) -> AsItIs:
    """What the search says of the model before anything is taken out."""
    model, found = preparation(question).model, preparation(question).routines
    asked = None if question.properties is None else list(question.properties)
    result = check(model, properties=asked, depth=question.depth, max_states=question.states)
    if result.stopped == "interrupt" or any(p.reason == "interrupted" for p in result.properties):
        raise KeyboardInterrupt
    if result.error:
        raise ModelError(result.error)
    assert result.source is not None
    outcome = result.source[2]
    about = [p for p in result.summaries if p.kind != "reachable" and p.verdict.value != "not applicable"]
    return AsItIs(
        states=result.states,
        complete=result.complete,
        depth=result.depth,
        properties=tuple(p.name for p in about),
        violated=tuple(p.name for p in about if p.trace is not None),
        lines=frozenset(found.begun.union(*(found.lines[i] for i in {*outcome.fired, *outcome.blocked}))),
    )


# ---------------------------------------------------------------- without


def attempt(question: Question, i: int, base: AsItIs) -> RemovalAnswer:
    """What the search says without one thing. The verdict is None where that changes nothing that the model does."""
    plain, candidate = preparation(question).plain, preparation(question).candidates[i]
    removal = untried_removal(candidate)
    if isinstance(candidate, Removal) and base.complete and candidate.kind != "guard":
        if not candidate.on(set(base.lines)):
            return dataclasses.replace(removal, verdict=Need.NOT_NEEDED, reached=False, states=base.states)
    try:
        model, claims, bare, system = without(question, candidate)
    except ExplorerError as e:
        if e.exit_code >= 64:
            raise
        return dataclasses.replace(removal, verdict=Need.REFUSED, reason=e.message)
    if bare == plain:
        return removal
    outcome = search(Task(system, Bounds(question.depth, question.states)))
    if outcome.stopped == "interrupt" or "interrupt" in outcome.undecided.values():
        raise KeyboardInterrupt
    paths = {n: p for n, p in outcome.paths.items() if n in base.properties and n not in base.violated}
    if not base.complete:  # what the model as it is does so late is not known
        paths = {n: p for n, p in paths.items() if len(p.actions) <= base.depth}
    reason = ""
    if outcome.error is not None and outcome.error_path is not None:
        paths[ERROR] = path = outcome.error_path
        reason = failure_text(outcome.error, path.states[-1], path.states[-2:][0])
    found = sorted(paths.items(), key=lambda item: len(item[1].actions))
    done = outcome.complete and base.complete and not outcome.undecided
    removal = dataclasses.replace(
        removal,
        verdict=Need.NECESSARY if found else Need.NOT_NEEDED if done else Need.UNKNOWN,
        states=outcome.states,
        breaks=tuple(Break(n, len(p.actions)) for n, p in found),
        reason=reason,
    )
    if found:
        name, path = found[0]
        if isinstance(candidate, Flip) and name != ERROR:  # another model, which CPython can run
            claim = next((c for c in claims if c.name == name), None)
            made = path_result(model, system, claim, name, path).trace
            assert made is not None
            trace = made
        else:
            trace = evaluator_trace(model, system, name, path, claims, reason)
        text = RemovalTrace(
            name, trace.schedule, trace.switches, trace.loop, diagram(trace), trace.reproduce or None, trace.note
        )
        removal = dataclasses.replace(removal, trace=text)
    return removal


def without(question: Question, candidate: Removal | Flip) -> tuple[Model, list[Property], System, System]:
    """The model, its properties, and the system without the candidate: first without properties, then with them."""
    model, claims, change = preparation(question).model, preparation(question).claims, None
    if isinstance(candidate, Flip):
        changed = dataclasses.replace(model.parameters[candidate.parameter], **{candidate.rule: candidate.value})
        model = model_function(question.model)(**{**dict(question.parameters), candidate.parameter: changed})
        claims = claims_of(model, question)
    else:
        change = edit(candidate)
    bare, system = lower_each(model, [[], claims], change)
    return model, claims, bare, system


def claims_of(model: Model, question: Question) -> list[Property]:
    chosen, _ = select(model, None if question.properties is None else list(question.properties))
    return [c for c in chosen if c.kind != "reachable"]


def untried_removal(candidate: Removal | Flip) -> RemovalAnswer:
    """What was taken out, before it is known what that does."""
    if isinstance(candidate, Flip):
        now, way = (f"{candidate.rule}={parameter_text(x)}".lower() for x in (candidate.now, candidate.value))
        return RemovalAnswer("rule", now, way, "", "", "", 0, True, None, (), "", None, None)
    c, file = candidate, short(candidate.file)
    return RemovalAnswer(c.kind, c.text, c.way, c.function, c.kernel, file, c.line, True, None, (), "", None, None)


def evaluator_trace(
    model: Model, system: System, name: str, path: Execution, claims: Sequence[Property], error: str
) -> Trace:
    """The trace of a run of a system that no coroutine stands for: the evaluator has replayed it, step by step."""
    semantics = Semantics(system)
    claim = next((c for c in claims if c.name == name), None)
    said = [variables(system, s) for s in path.states]
    steps = []
    for position, index in enumerate(path.actions):
        after = path.states[position + 1] if position + 1 < len(path.states) else None
        if (index, after) not in semantics.successors(path.states[position]):
            raise Disagreement(f"step {position + 1} of the run for {name} is not possible under the evaluator")
        failure = system.actions[index].failure
        wrong = failure_text(failure, path.states[position]) if failure is not None else ""
        steps.append(taken_step(system.actions[index], said[position], said[min(position + 1, len(said) - 1)], wrong))
    check_end(system, semantics, name, path)
    acting = {s.actor for s in steps}
    actors = [t.name for t in model.threads] + [r.actor for r in model.actions]
    return Trace(
        model.name,
        name,
        True,
        error if name == ERROR else harm_of(system, claim, name, path),
        tuple(steps),
        said[0],
        tuple(said[1:]),
        actors=tuple(a for a in dict.fromkeys(actors) if a in acting),
        note=NOTE,
        loop=path.loop,
    )


def check_end(system: System, semantics: Semantics, name: str, path: Execution) -> None:
    """The evaluator agrees that the end of the run shows what the search says. Raises Disagreement."""
    last, before = path.states[-1], path.states[-2:][0]
    if name == DEADLOCK:
        stuck = all(system.actions[i].outcome == "blocked" for i, _ in semantics.successors(last))
        if not stuck:
            raise Disagreement("the search reports a deadlock, but under the evaluator somebody can move")
        return
    if name in (ASSERTIONS, ERROR):
        return  # the last step is a failure, which has been replayed; or a property can't be evaluated there
    claim = next(p for p in system.properties if p.name == name)
    if claim.kind in ("always", "always_step") and evaluate(claim.holds, last, before):
        raise Disagreement(f"{name} is violated in the search but not under the evaluator")
