"""What a model needs: each guard, lock, decision, statement and rule is taken out, and the search is done again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias

from explorer.answer.catalogue import ModelFunction, load
from explorer.answer.checking import check, harm_of, select, settings, shown, text_of
from explorer.answer.counterexample import Disagreement, short, taken
from explorer.answer.trace import Trace
from explorer.cache import content, kept
from explorer.errors import ExplorerError, UsageError
from explorer.language.model import Model
from explorer.language.properties import Property
from explorer.language.rules import Rules, open_rule
from explorer.lowering import Routines, lower, lower_each, routines
from explorer.process import stop
from explorer.questions import matrix, workers
from explorer.questions.removal import PassedOver, Removal, edit, looked_at
from explorer.render.diagram import diagram
from explorer.search.engine import search
from explorer.search.outcome import Bounds, Path, Task
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.form import System
from explorer.system.semantics import Semantics, evaluate, told
from explorer.system.states import variables

Record: TypeAlias = dict[str, Any]
NECESSARY, NOT_NEEDED, UNKNOWN, REFUSED = (
    "necessary",
    "not needed in this model",
    "unknown at this bound",
    "can't be taken out",
)
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


def necessity(question: Question, *, jobs: int = 1, progress: Callable[[int, int], None] | None = None) -> Record:
    """The answer as plain data: what was taken out with what that breaks, and for each property what breaks it.

    Interrupted, it has what is known so far and `complete` is false. Raises ModelError for a model that is in error as it is.
    """
    loaded.cache_clear()  # a file may have been edited since
    prepared.cache_clear()
    model, candidates = prepared(question).model, prepared(question).candidates
    base = as_it_is(question)
    found: dict[int, Record] = {}
    interrupted = False
    try:
        for i, record in workers.each(attempt, [(question, i, base) for i in range(len(candidates))], jobs):
            found[i] = record
            if progress is not None:
                progress(len(found), len(candidates))
    except KeyboardInterrupt:
        stop.caught()
        interrupted = True
    records = [found[i] for i in sorted(found)]
    listed = [r for r in records if r["verdict"] != ""]
    known = all(r["verdict"] != UNKNOWN for r in listed)
    without_effect = [(SAME, r["text"], r["function"], r["file"], r["line"]) for r in records if r["verdict"] == ""]
    passed = [(p.reason, p.text, p.function, short(p.file), p.line) for p in prepared(question).passed]
    return {
        "model": question.model,
        "parameters": settings(model),
        "kernel": settings(model).get("kernel"),
        "complete": base["complete"] and known and not interrupted,
        "interrupted": interrupted,
        "states": base["states"],
        "removals": listed,
        "passed_over": [
            dict(zip(("reason", "text", "function", "file", "line"), row, strict=True))
            for row in dict.fromkeys([*without_effect, *passed])
        ],
        "not_tried": len(candidates) - len(records),
        "properties": [broken_by(name, base, listed) for name in base["properties"]],
    }


def questions_of(
    function: ModelFunction, properties: tuple[str, ...] | None, depth: int | None, states: int | None
) -> list[Question]:
    """What a report on all models asks of one.

    Its guards, locks and rules where it keeps what it promises: with the parameters of its `FIXED`, or its defaults. And
    everything with those that its file names, `NECESSITY = ({"design": "lease"}, {"holders": "2"})`.
    """
    said = matrix.module(function)
    fixed = tuple((name, text_of(value)) for name, value in said.get("FIXED", {}).items())
    more = [tuple(dict(given).items()) for given in said.get("NECESSITY", ())]
    for name in {name for given in more for name, _ in given} - set(function.parameters):
        raise UsageError(f"NECESSITY of the model {function.name} names {name!r}, which is no parameter of it")
    return [
        Question(function.name, fixed, properties, depth, states, PROTECTING),
        *(Question(function.name, given, properties, depth, states) for given in more),
    ]


def necessities(
    questions: Sequence[Question], *, jobs: int = 1, progress: Callable[[int, int], None] | None = None
) -> list[Record]:
    """The answers to several questions, in their order. Interrupted, those that are known: then some are missing."""
    found: dict[int, Record] = {}
    try:
        for i, answer in workers.each(remembered, [(q,) for q in questions], jobs):
            found[i] = answer
            if progress is not None:
                progress(len(found), len(questions))
    except KeyboardInterrupt:
        stop.caught()
    return [found[i] for i in sorted(found)]


def remembered(question: Question) -> Record:
    """The answer, from what is kept if the sources are the same. Raises KeyboardInterrupt."""
    key = content.digest(content.tool(), stamp(question))
    answer = kept.recall_json("necessity", key)
    if answer is None:
        answer = necessity(question)
        if answer["interrupted"]:
            raise KeyboardInterrupt
        kept.keep_json("necessity", key, answer)
    return dict(answer)


def stamp(question: Question) -> str:
    """The digest of all sources and parameters that the answer depends on, without the tool's."""
    row = matrix.Row(question.model, question.parameters)
    asked = matrix.Question(question.properties, question.depth, question.states)
    return content.digest(matrix.stamp(row, asked), ",".join(question.kinds or ("everything",)))


def broken_by(name: str, base: Record, records: Sequence[Record]) -> Record:
    """What a property owes to whom: the removals that break it, by their position in the answer."""
    found = [i for i, r in enumerate(records) if any(b["property"] == name for b in r["breaks"])]
    return {"property": name, "violated_already": name in base["violated"], "broken_by": found}


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
def loaded(name: str) -> ModelFunction:
    """The model's function: once, as a file that is imported anew has other classes."""
    return load(name)


@lru_cache(maxsize=1)
def prepared(question: Question) -> Prepared:
    """What every search of the question begins with."""
    model = loaded(question.model)(**dict(question.parameters))
    found = routines(model)
    taken_out, passed = looked_at(model, found)
    plain = lower(model, [])
    candidates: list[Removal | Flip] = [*taken_out, *rules(model)]
    if question.kinds is not None:
        reason = f"not asked: a {'{}'} (asked: {', '.join(question.kinds)})"
        left = [c for c in taken_out if c.kind not in question.kinds]
        passed += [PassedOver(reason.format(c.kind), c.text, c.function, c.file, c.line) for c in left]
        candidates = [c for c in candidates if kind_of(c) in question.kinds]
    return Prepared(model, claims_of(model, question), plain, found, candidates, passed + unlisted(model))


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


def unlisted(model: Model) -> list[PassedOver]:
    """The rules that the model reads and whose other values nobody can list."""
    return [
        PassedOver("a rule whose values can't be listed", name, "", "", 0)
        for record in model.parameters.values()
        if isinstance(record, Rules) and dataclasses.is_dataclass(record)
        for name in sorted(model.rules_read.names(type(record)))
        if open_rule(record, name) is None and not isinstance(getattr(record, name), bool | Enum)
    ]


def as_it_is(question: Question) -> Record:
    """What the search says of the model before anything is taken out."""
    model, found = prepared(question).model, prepared(question).routines
    asked = None if question.properties is None else list(question.properties)
    result = check(model, properties=asked, depth=question.depth, max_states=question.states)
    if result.stopped == "interrupt" or any(p.reason == "interrupted" for p in result.properties):
        raise KeyboardInterrupt
    if result.error:
        from explorer.errors import ModelError

        raise ModelError(result.error)
    assert result.source is not None
    outcome = result.source[2]
    about = [p for p in result.named if p.kind != "reachable" and p.verdict.value != "not applicable"]
    return {
        "states": result.states,
        "complete": result.complete,
        "depth": result.depth,
        "properties": [p.name for p in about],
        "violated": [p.name for p in about if p.trace is not None],
        "lines": sorted(found.begun.union(*(found.lines[i] for i in {*outcome.fired, *outcome.blocked}))),
    }


# ---------------------------------------------------------------- without


def attempt(question: Question, i: int, base: Record) -> Record:
    """What the search says without one thing. The verdict is "" where that changes nothing that the model does."""
    plain, candidate = prepared(question).plain, prepared(question).candidates[i]
    record = described(candidate)
    if isinstance(candidate, Removal) and base["complete"] and candidate.kind != "guard":
        if not candidate.on({(file, line) for file, line in base["lines"]}):
            return {**record, "verdict": NOT_NEEDED, "reached": False, "states": base["states"]}
    try:
        model, claims, bare, system = without(question, candidate)
    except ExplorerError as e:
        if e.exit_code >= 64:
            raise
        return {**record, "verdict": REFUSED, "reason": e.message}
    if bare == plain:
        return {**record, "verdict": ""}
    outcome = search(Task(system, Bounds(question.depth, question.states)))
    if outcome.stopped == "interrupt" or "interrupt" in outcome.undecided.values():
        raise KeyboardInterrupt
    paths = {n: p for n, p in outcome.paths.items() if n in base["properties"] and n not in base["violated"]}
    if not base["complete"]:  # what the model as it is does so late is not known
        paths = {n: p for n, p in paths.items() if len(p.actions) <= base["depth"]}
    reason = ""
    if outcome.error is not None and outcome.error_path is not None:
        paths[ERROR] = path = outcome.error_path
        reason = told(outcome.error, path.states[-1], path.states[-2:][0])
    found = sorted(paths.items(), key=lambda item: len(item[1].actions))
    breaks = [{"property": n, "depth": len(p.actions)} for n, p in found]
    done = outcome.complete and base["complete"] and not outcome.undecided
    verdict = NECESSARY if breaks else NOT_NEEDED if done else UNKNOWN
    record |= {"verdict": verdict, "states": outcome.states, "breaks": breaks, "reason": reason}
    if found:
        name, path = found[0]
        if isinstance(candidate, Flip) and name != ERROR:  # another model, which CPython can run
            claim = next((c for c in claims if c.name == name), None)
            trace = shown(model, system, claim, name, path).trace
            assert trace is not None
        else:
            trace = evaluated(model, system, name, path, claims, reason)
        record["trace"] = {
            "property": name,
            "schedule": trace.schedule,
            "switches": trace.switches,
            "loop": trace.loop,
            "diagram": diagram(trace),
            "replay": trace.reproduce or None,
            "note": trace.note,
        }
    return record


def without(question: Question, candidate: Removal | Flip) -> tuple[Model, list[Property], System, System]:
    """The model, its properties, and the system without the candidate: first without properties, then with them."""
    model, claims, change = prepared(question).model, prepared(question).claims, None
    if isinstance(candidate, Flip):
        changed = dataclasses.replace(model.parameters[candidate.parameter], **{candidate.rule: candidate.value})
        model = loaded(question.model)(**{**dict(question.parameters), candidate.parameter: changed})
        claims = claims_of(model, question)
    else:
        change = edit(candidate)
    bare, system = lower_each(model, [[], claims], change)
    return model, claims, bare, system


def claims_of(model: Model, question: Question) -> list[Property]:
    chosen, _ = select(model, None if question.properties is None else list(question.properties))
    return [c for c in chosen if c.kind != "reachable"]


def described(candidate: Removal | Flip) -> Record:
    """What was taken out, before it is known what that does."""
    if isinstance(candidate, Flip):
        text = f"{candidate.rule}={text_of(candidate.now)}".lower()
        where = {"function": "", "kernel": "", "file": "", "line": 0}
        said = {"kind": "rule", "text": text, "way": f"{candidate.rule}={text_of(candidate.value)}".lower(), **where}
    else:
        said = {name: getattr(candidate, name) for name in ("kind", "text", "way", "function", "kernel")}
        said |= {"file": short(candidate.file), "line": candidate.line}
    return {**said, "reached": True, "states": None, "breaks": [], "reason": "", "trace": None}


def evaluated(model: Model, system: System, name: str, path: Path, claims: Sequence[Property], error: str) -> Trace:
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
        wrong = told(failure, path.states[position]) if failure is not None else ""
        steps.append(taken(system.actions[index], said[position], said[min(position + 1, len(said) - 1)], wrong))
    agreed(system, semantics, name, path)
    acting = {s.actor for s in steps}
    actors = [t.name for t in model.threads] + [r.actor for r in model.rules]
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


def agreed(system: System, semantics: Semantics, name: str, path: Path) -> None:
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
