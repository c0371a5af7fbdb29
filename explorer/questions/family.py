"""Many settings of a model at once: for each the verdicts and depths that a run of it alone would give.

Rules that can be left open are explored in one search. What decides which state or steps there are, as a model's own
parameters do, is settled: there is one search for each of its values.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from explorer.answer.catalogue import ModelFunction, load
from explorer.answer.checking import settings
from explorer.answer.result import Verdict
from explorer.errors import UsageError
from explorer.language.rules import LeftOpen
from explorer.lowering import lower
from explorer.process import stop
from explorer.questions.vary import (
    Opened,
    Varied,
    openable,
    opened,
    parameters_of,
    records_of,
    settled,
    shown,
    varied,
)
from explorer.reduction.cubes import Points
from explorer.reduction.family import Family, Setting, alone, check_count, family
from explorer.search.engine import search as search_alone
from explorer.search.family import FamilyOutcome, search, union
from explorer.search.outcome import Bounds, Engine, Listener, Outcome, Progress, Task
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.expressions import cells_read
from explorer.system.form import LIVENESS, System
from explorer.system.form import Property as SystemProperty

Record: TypeAlias = dict[str, Any]
NOT_SEARCHED = "not searched"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """What is asked: a model by name, its parameters, what varies and which properties, all as the command line has them;
    and the bounds. A bound on states is one on those of all settings of a search."""

    model: str
    parameters: tuple[tuple[str, str], ...] = ()
    vary: tuple[str, ...] = ()
    properties: tuple[str, ...] | None = None
    depth: int | None = None
    states: int | None = None
    seconds: float | None = None
    engine: Engine = "auto"


@dataclass(frozen=True)
class Explored:
    """One search of a family: the model with rules left open, and what was found."""

    begun: Opened
    made: Family
    outcome: FamilyOutcome
    lively: Mapping[int, Outcome]  # setting -> what a search of it alone says of liveness properties


def explore(
    question: Question, *, say: Tell | None = None, progress: Callable[[Progress], None] | None = None
) -> Record:
    """The answer as plain data; interrupted or bounded, it says of each setting what is known.

    Raises UsageError for wrong names and for more settings than one search takes, ModelError and its kin for a model that is
    in error whatever is settled.
    """
    function = load(question.model)
    parameters = parameters_of(function, question.parameters)
    wanted = [varied(function, parameters, text) for text in question.vary]
    for name in {v.name for v in wanted if sum(w.name == v.name for w in wanted) > 1}:
        raise UsageError(f"{name} is varied twice")
    if not wanted:
        raise UsageError(f"nothing varies: write --vary RULE,...{examples(function, parameters)}")
    check_count(math.prod(len(v.values) for v in wanted))
    never: set[str] = set()
    while True:
        try:
            fixed, found, searches, stopped = explore_all(question, function, parameters, wanted, never, say, progress)
            break
        except LeftOpen as e:  # of one that decides what is built only where another has a certain value
            never.add(e.rule)
    order = [v.name for v in wanted]
    found = [{**record, "rules": {name: record["rules"][name] for name in order}} for record in found]
    base = function(**parameters)
    return {
        "model": question.model,
        "parameters": {n: t for n, t in settings(base).items() if n not in order},
        "kernel": settings(base).get("kernel"),
        "vary": [{"name": v.name, "values": [shown(x) for x in v.values], "apart": v in fixed} for v in wanted],
        "complete": not stopped,
        "interrupted": "interrupt" in stopped,
        "stopped": stopped[0] if stopped else "",
        "engine": searches[0].outcome.engine if searches else "",
        "searches": len(searches),
        "states": sum(e.outcome.states for e in searches),
        "states_apart": sum(sum(e.outcome.states_of) for e in searches),
        "transitions": sum(e.outcome.transitions for e in searches),
        "depth": max((e.outcome.depth for e in searches), default=0),
        "seconds": sum(e.outcome.seconds for e in searches),
        "properties": grouped(found, wanted),
        "warnings": [
            *(unread(wanted, searches) if "interrupt" not in stopped else ()),
            *dict.fromkeys(text for e in searches for text in held_up(e)),
        ],
        "settings": found,
    }


def explore_all(
    question: Question,
    function: ModelFunction,
    parameters: Mapping[str, Any],
    wanted: Sequence[Varied],
    never: Collection[str],
    say: Tell | None,
    progress: Callable[[Progress], None] | None,
) -> tuple[list[Varied], list[Record], list[Explored], list[str]]:
    """What can't be left open; what is said of each setting; the searches; and why they were stopped, where they were.

    Raises stop.Interrupted where the time is over before the first search has begun.
    """
    with stop.within(question.seconds):
        opens, fixed, begun = openable(function, parameters, wanted, question.properties, never)
        explored: Explored | None = explore_one(begun, question, say, progress)
    found: list[Record] = []
    searches: list[Explored] = []
    stopped: list[str] = []
    for number, values in enumerate(itertools.product(*(v.values for v in fixed))):
        chosen = list(zip(fixed, values, strict=True))
        if number:
            explored = None
            if "interrupt" not in stopped:
                try:
                    with stop.within(question.seconds):
                        begun = opened(function, settled(parameters, chosen), opens, question.properties)
                        explored = explore_one(begun, question, say, progress)
                except stop.Interrupted as e:
                    stopped.append(e.reason)
                except KeyboardInterrupt:
                    stop.caught()
                    stopped.append("interrupt")
        if explored is None:
            found += [not_searched(chosen, row) for row in rows_of(opens)]
            continue
        searches.append(explored)
        stopped += [why for why in (explored.outcome.stopped, "interrupt" * is_interrupted(explored.lively)) if why]
        found += [
            {"rules": {v.name: shown(x) for v, x in [*chosen, *row]}, **said}
            for row, said in records(function, parameters, chosen, opens, explored)
        ]
    return fixed, found, searches, stopped


def examples(function: ModelFunction, parameters: Mapping[str, Any]) -> str:
    """Some rules that the model reads, for a message."""
    model = function(**parameters)
    lower(model, [])
    read = sorted(name for record in records_of(parameters).values() for name in model.rules_read.names(type(record)))
    return f"; with these parameters the model reads {', '.join(read)}" if read else ""


def rows_of(opens: Sequence[Varied]) -> Iterator[list[tuple[Varied, Any]]]:
    """Every choice of values for the rules left open."""
    for values in itertools.product(*(v.values for v in opens)):
        yield list(zip(opens, values, strict=True))


def not_searched(chosen: Sequence[tuple[Varied, Any]], row: Sequence[tuple[Varied, Any]]) -> Record:
    rules = {v.name: shown(x) for v, x in [*chosen, *row]}
    return {"rules": rules, "states": None, "transitions": None, "complete": False, "error": None, "verdicts": {}}


# ---------------------------------------------------------------- one search


def explore_one(
    begun: Opened, question: Question, say: Tell | None, progress: Callable[[Progress], None] | None
) -> Explored:
    """The search of a model with rules left open, and one for each setting of what is said about whole runs."""
    made = family(begun.system)
    bounds = Bounds(question.depth, question.states, question.seconds)
    outcome = search(made, bounds, question.engine, Listener(progress, say=say))
    return Explored(begun, made, outcome, liveness(made, outcome, bounds, question.engine))


def liveness(made: Family, outcome: FamilyOutcome, bounds: Bounds, engine: Engine) -> dict[int, Outcome]:
    """What searches of one setting say of the liveness properties, of settings of which every state was seen.

    Settings under which the same actions were taken have the same runs, and are searched once.
    """
    if all(p.kind not in LIVENESS for p in made.whole.properties):
        return {}
    unfinished = outcome.running | union(outcome.errors.values())
    alike: dict[tuple[int, ...], Outcome] = {}
    found: dict[int, Outcome] = {}
    reads_rules = any(reads(p, made.rules) for p in made.whole.properties if p.kind in LIVENESS)
    for position, setting in enumerate(made.settings):
        if unfinished >> position & 1:
            continue
        key = tuple(i for i in outcome.fired if made.presence[i] >> position & 1)
        key = (*setting, -1) if reads_rules else key
        if key not in alike:
            alike[key] = search_alone(Task(only_liveness(made.whole, setting), bounds, engine))
        found[position] = alike[key]
        if is_interrupted(found):
            break
    return found


def reads(prop: SystemProperty, rules: Sequence[int]) -> bool:
    """Whether the property reads a rule."""
    exprs = (prop.holds, prop.trigger, *(e for e, _ in prop.undefined))
    return any(not cells_read(e).isdisjoint(rules) for e in exprs)


def only_liveness(system: System, setting: Setting) -> System:
    """The system of one setting, with its liveness properties alone."""
    whole = tuple(p for p in system.properties if p.kind in LIVENESS)
    return alone(dataclasses.replace(system, properties=whole), setting)


def is_interrupted(lively: Mapping[int, Outcome]) -> bool:
    return any(o.stopped == "interrupt" or "interrupt" in o.undecided.values() for o in lively.values())


def unread(wanted: Sequence[Varied], searches: Sequence[Explored]) -> Iterator[str]:
    """The rules that vary and change nothing, because no code of the model reads them in any of its settings: those of all
    searches."""
    for given in (v for v in wanted if v.rule):
        models = [e.begun.model for e in searches]
        if all(given.rule not in m.rules_read.names(type(m.parameters[given.parameter])) for m in models):
            yield f"the rule {given.rule} varies, and nothing in this model reads it"


def held_up(explored: Explored) -> Iterator[str]:
    """Steps that an empty choose alone held up: behaviour may be missing."""
    counts: dict[tuple[str, str, str], int] = {}
    for index, under in explored.outcome.blocked.items():
        action = explored.made.system.actions[index]
        assert action.failure is not None
        key = (action.actor, action.label, action.failure.text)
        counts[key] = counts.get(key, 0) | under
    for (actor, label, text), under in sorted(counts.items()):
        n = under.bit_count()
        where = f"{n:,} setting{'s' * (n != 1)}"
        yield f"{text} in {where}: {actor} could not do {label!r} there, so behaviour may be missing"


# ---------------------------------------------------------------- what is said of a setting


def records(
    function: ModelFunction,
    parameters: Mapping[str, Any],
    chosen: Sequence[tuple[Varied, Any]],
    opens: Sequence[Varied],
    explored: Explored,
) -> Iterator[tuple[list[tuple[Varied, Any]], Record]]:
    """What the search says of each choice of values for the rules left open."""
    positions = {setting: i for i, setting in enumerate(explored.made.settings)}
    cells = {explored.begun.system.cells[i].name.rpartition(".")[2]: i for i in explored.made.rules}
    order = [next(i for i, v in enumerate(opens) if v.name == name) for name in cells]
    for row in rows_of(opens):
        setting = tuple(code_of(explored.begun.system, cells[row[i][0].name], row[i][1]) for i in order)
        try:
            excludes = function(**settled(parameters, [*chosen, *row])).excludes
        except UsageError as e:  # these make no model
            yield row, {**blank(), "verdicts": {c.name: refused(str(e)) for c in explored.begun.claims}}
            continue
        yield row, said(explored, positions[setting], excludes)


def blank() -> Record:
    return {"states": None, "transitions": None, "complete": True, "error": None, "verdicts": {}}


def refused(reason: str) -> Record:
    return {"verdict": Verdict.NOT_APPLICABLE.value, "depth": None, "reason": reason}


def code_of(system: System, cell: int, value: Any) -> int:
    """The code of a rule's value in the cell that holds the rule."""
    domain = system.cells[cell].domain
    if isinstance(value, Enum):
        return domain.lo + list(type(value)).index(value)
    return int(value)


def said(explored: Explored, position: int, excludes: Mapping[str, str]) -> Record:
    """What is known of one setting: what a run of it alone would say."""
    outcome = explored.outcome
    error = next((d for d, under in sorted(outcome.errors.items()) if under >> position & 1), None)
    complete = error is None and not outcome.running >> position & 1
    depth = max((d for d, under in enumerate(outcome.levels) if under >> position & 1), default=0)
    verdicts: dict[str, Record] = {}
    for name, kind in [
        *((c.name, c.kind) for c in explored.begun.claims),
        (ASSERTIONS, "always"),
        (DEADLOCK, "always"),
    ]:
        if name.split("[")[0] in excludes:
            verdicts[name] = refused(excludes[name.split("[")[0]])
            continue
        first = next((d for d, under in outcome.first.get(name, {}).items() if under >> position & 1), None)
        if kind in LIVENESS:
            verdict, at, reason = of_whole_runs(name, explored.lively.get(position))
        elif first is not None:
            verdict, at, reason = Verdict.REACHED if kind == "reachable" else Verdict.VIOLATED, first, ""
        elif complete:
            verdict, at, reason = Verdict.UNREACHABLE if kind == "reachable" else Verdict.HOLDS, None, ""
        else:
            bounded = Verdict.NOT_REACHED_TO_DEPTH if kind == "reachable" else Verdict.HOLDS_TO_DEPTH
            verdict, at, reason = bounded, depth, ""
        verdicts[name] = {"verdict": verdict.value, "depth": at, "reason": reason}
    return {
        "states": outcome.states_of[position],
        "transitions": outcome.transitions_of[position],
        "complete": complete,
        "error": error,
        "verdicts": verdicts,
    }


def of_whole_runs(name: str, outcome: Outcome | None) -> tuple[Verdict, int | None, str]:
    """What a search of one setting says of a liveness property."""
    if outcome is None or not outcome.complete:
        return Verdict.UNDECIDED, None, "not every state was seen"
    if name in outcome.depths:
        return Verdict.VIOLATED, outcome.depths[name], ""
    if name in outcome.undecided:
        return Verdict.UNDECIDED, None, outcome.undecided[name]
    return Verdict.HOLDS, None, ""


# ---------------------------------------------------------------- the settings of a verdict, in few words


def grouped(found: Sequence[Record], wanted: Sequence[Varied]) -> list[Record]:
    """For each property its verdicts, each with the number of settings and cubes of rules that say which."""
    values = [[shown(x) for x in v.values] for v in wanted]
    points = Points(
        [[values[i].index(r["rules"][v.name]) for i, v in enumerate(wanted)] for r in found], [len(v) for v in values]
    )
    names = dict.fromkeys(name for r in found for name in r["verdicts"])
    groups: list[Record] = []
    for name in names:
        under: dict[tuple[str, str], int] = {}
        depths: dict[tuple[str, str], set[int | None]] = {}
        for i, record in enumerate(found):
            given = record["verdicts"].get(name) or {"verdict": NOT_SEARCHED, "depth": None, "reason": ""}
            key = (given["verdict"], given["reason"])
            under[key] = under.get(key, 0) | 1 << i
            depths.setdefault(key, set()).add(given["depth"])
        listed = [
            {
                "verdict": verdict,
                "reason": reason,
                "depths": sorted(d for d in depths[verdict, reason] if d is not None),
                "settings": settings.bit_count(),
                "cubes": [
                    {
                        v.name: [values[i][x] for x in cube[i]]
                        for i, v in enumerate(wanted)
                        if len(cube[i]) < len(v.values)
                    }
                    for cube in points.cover(settings)
                ],
            }
            for (verdict, reason), settings in under.items()
        ]
        order = [Verdict.VIOLATED.value, Verdict.REACHED.value]
        groups.append(
            {
                "property": name,
                "verdicts": sorted(
                    listed, key=lambda g: order.index(g["verdict"]) if g["verdict"] in order else len(order)
                ),
            }
        )
    return groups
