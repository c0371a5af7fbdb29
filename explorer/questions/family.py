"""Many settings of a model at once: for each the verdicts and depths that a run of it alone would give.

Rules that can be left open are explored in one search. What decides which state or steps there are, as a model's own
parameters do, is settled: there is one search for each of its values.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from explorer.answer.catalogue import ModelFunction, load
from explorer.answer.checking import held_up
from explorer.answer.family import (
    Configuration,
    ConfigurationVerdict,
    FamilyAnswer,
    PropertyVerdicts,
    VariedRule,
    VerdictGroup,
)
from explorer.answer.result import Verdict
from explorer.errors import UsageError
from explorer.language.rules import LeftOpen
from explorer.language.values import parameters_text, rule_text
from explorer.lowering import lower
from explorer.process import stop
from explorer.questions.vary import (
    Opened,
    Varied,
    open_model,
    openable,
    parameters_of,
    records_of,
    settled_parameters,
    varied_rule,
)
from explorer.reduction.cubes import Points
from explorer.reduction.family import Family, Setting, alone, check_count, family
from explorer.search.engine import search as search_alone
from explorer.search.family import search, union
from explorer.search.family_outcome import FamilyOutcome
from explorer.search.outcome import Bounds, Engine, Listener, Outcome, Progress, Task
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.expressions import cells_read
from explorer.system.form import LIVENESS, System
from explorer.system.form import Property as SystemProperty

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
) -> FamilyAnswer:
    """The answer; interrupted or bounded, it says of each configuration what is known.

    Raises UsageError for wrong names and for more settings than one search takes, ModelError and its kin for a model that is
    in error whatever is settled.
    """
    function = load(question.model)
    parameters = parameters_of(function, question.parameters)
    wanted = [varied_rule(function, parameters, text) for text in question.vary]
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
    found = [dataclasses.replace(each, rules={name: each.rules[name] for name in order}) for each in found]
    text = parameters_text(function(**parameters))
    return FamilyAnswer(
        model=question.model,
        parameters={n: t for n, t in text.items() if n not in order},
        kernel=text.get("kernel"),
        vary=tuple(VariedRule(v.name, tuple(map(rule_text, v.values)), v in fixed) for v in wanted),
        complete=not stopped,
        interrupted="interrupt" in stopped,
        stopped=stopped[0] if stopped else "",
        engine=searches[0].outcome.engine if searches else "",
        searches=len(searches),
        states=sum(e.outcome.states for e in searches),
        states_apart=sum(sum(e.outcome.states_of) for e in searches),
        transitions=sum(e.outcome.transitions for e in searches),
        depth=max((e.outcome.depth for e in searches), default=0),
        seconds=sum(e.outcome.seconds for e in searches),
        properties=property_verdicts(found, wanted),
        warnings=(
            *(unread_rules(wanted, searches) if "interrupt" not in stopped else ()),
            *dict.fromkeys(text for e in searches for text in warnings(e)),
        ),
        configurations=tuple(found),
    )


def explore_all(
    question: Question,
    function: ModelFunction,
    parameters: Mapping[str, Any],
    wanted: Sequence[Varied],
    never: Collection[str],
    say: Tell | None,
    progress: Callable[[Progress], None] | None,
) -> tuple[list[Varied], list[Configuration], list[Explored], list[str]]:
    """What can't be left open; what is known of each configuration; the searches; and why they were stopped, where they were.

    Raises stop.Interrupted where the time is over before the first search has begun.
    """
    with stop.within(question.seconds):
        opens, fixed, begun = openable(function, parameters, wanted, question.properties, never)
        explored: Explored | None = explore_one(begun, question, say, progress)
    found: list[Configuration] = []
    searches: list[Explored] = []
    stopped: list[str] = []
    for number, values in enumerate(itertools.product(*(v.values for v in fixed))):
        chosen = list(zip(fixed, values, strict=True))
        if number:
            explored = None
            if "interrupt" not in stopped:
                try:
                    with stop.within(question.seconds):
                        begun = open_model(function, settled_parameters(parameters, chosen), opens, question.properties)
                        explored = explore_one(begun, question, say, progress)
                except stop.Interrupted as e:
                    stopped.append(e.reason)
                except KeyboardInterrupt:
                    stop.caught()
                    stopped.append("interrupt")
        if explored is None:
            found += [Configuration(texts([*chosen, *row]), None, None, False, None, {}) for row in rows_of(opens)]
            continue
        searches.append(explored)
        stopped += [why for why in (explored.outcome.stopped, "interrupt" * is_interrupted(explored.lively)) if why]
        found += configurations(function, parameters, chosen, opens, explored)
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


def texts(choice: Sequence[tuple[Varied, Any]]) -> dict[str, str]:
    """A choice of values, as the command line has them."""
    return {v.name: rule_text(x) for v, x in choice}


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


def unread_rules(wanted: Sequence[Varied], searches: Sequence[Explored]) -> Iterator[str]:
    """The rules that vary and change nothing, because no code of the model reads them in any of its settings: those of all
    searches."""
    for given in (v for v in wanted if v.rule):
        models = [e.begun.model for e in searches]
        if all(given.rule not in m.rules_read.names(type(m.parameters[given.parameter])) for m in models):
            yield f"the rule {given.rule} varies, and nothing in this model reads it"


def warnings(explored: Explored) -> Iterator[str]:
    """Steps that an empty choose alone held up: behaviour may be missing."""

    def where(under: int) -> str:
        return f"{under.bit_count():,} setting{'s' * (under.bit_count() != 1)}"

    return held_up(explored.made.system, explored.outcome.blocked, operator.or_, where)


# ---------------------------------------------------------------- what is known of a configuration


def configurations(
    function: ModelFunction,
    parameters: Mapping[str, Any],
    chosen: Sequence[tuple[Varied, Any]],
    opens: Sequence[Varied],
    explored: Explored,
) -> Iterator[Configuration]:
    """What the search says of each choice of values for the rules left open."""
    positions = {setting: i for i, setting in enumerate(explored.made.settings)}
    cells = {explored.begun.system.cells[i].name.rpartition(".")[2]: i for i in explored.made.rules}
    order = [next(i for i, v in enumerate(opens) if v.name == name) for name in cells]
    for row in rows_of(opens):
        setting = tuple(code_of(explored.begun.system, cells[row[i][0].name], row[i][1]) for i in order)
        rules = texts([*chosen, *row])
        try:
            excludes = function(**settled_parameters(parameters, [*chosen, *row])).excludes
        except UsageError as e:  # these make no model
            refused = ConfigurationVerdict(Verdict.NOT_APPLICABLE, None, str(e))
            yield Configuration(rules, None, None, True, None, {c.name: refused for c in explored.begun.claims})
            continue
        yield configuration(explored, rules, positions[setting], excludes)


def code_of(system: System, cell: int, value: Any) -> int:
    """The code of a rule's value in the cell that holds the rule."""
    domain = system.cells[cell].domain
    if isinstance(value, Enum):
        return domain.lo + list(type(value)).index(value)
    return int(value)


def configuration(
    explored: Explored, rules: Mapping[str, str], position: int, excludes: Mapping[str, str]
) -> Configuration:
    """What is known of one configuration: what a run of it alone would say."""
    outcome = explored.outcome
    error = next((d for d, under in sorted(outcome.errors.items()) if under >> position & 1), None)
    complete = error is None and not outcome.running >> position & 1
    depth = max((d for d, under in enumerate(outcome.levels) if under >> position & 1), default=0)
    verdicts: dict[str, ConfigurationVerdict] = {}
    for name, kind in [
        *((c.name, c.kind) for c in explored.begun.claims),
        (ASSERTIONS, "always"),
        (DEADLOCK, "always"),
    ]:
        if name.split("[")[0] in excludes:
            verdicts[name] = ConfigurationVerdict(Verdict.NOT_APPLICABLE, None, excludes[name.split("[")[0]])
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
        verdicts[name] = ConfigurationVerdict(verdict, at, reason)
    states, transitions = outcome.states_of[position], outcome.transitions_of[position]
    return Configuration(rules, states, transitions, complete, error, verdicts)


def of_whole_runs(name: str, outcome: Outcome | None) -> tuple[Verdict, int | None, str]:
    """What a search of one setting says of a liveness property."""
    if outcome is None or not outcome.complete:
        return Verdict.UNDECIDED, None, "not every state was seen"
    if name in outcome.depths:
        return Verdict.VIOLATED, outcome.depths[name], ""
    if name in outcome.undecided:
        return Verdict.UNDECIDED, None, outcome.undecided[name]
    return Verdict.HOLDS, None, ""


# ---------------------------------------------------------------- the configurations of a verdict, in few words


def property_verdicts(found: Sequence[Configuration], wanted: Sequence[Varied]) -> tuple[PropertyVerdicts, ...]:
    """For each property its verdicts, each with the number of configurations and cubes of rules that say which."""
    values = [[rule_text(x) for x in v.values] for v in wanted]
    points = Points(
        [[values[i].index(c.rules[v.name]) for i, v in enumerate(wanted)] for c in found], [len(v) for v in values]
    )
    names = dict.fromkeys(name for c in found for name in c.verdicts)
    missing = ConfigurationVerdict(Verdict.NOT_SEARCHED, None, "")
    order = {Verdict.VIOLATED: 0, Verdict.REACHED: 1}
    groups: list[PropertyVerdicts] = []
    for name in names:
        under: dict[tuple[Verdict, str], int] = {}
        depths: dict[tuple[Verdict, str], set[int | None]] = {}
        for i, each in enumerate(found):
            given = each.verdicts.get(name, missing)
            key = (given.verdict, given.reason)
            under[key] = under.get(key, 0) | 1 << i
            depths.setdefault(key, set()).add(given.depth)
        listed = [
            VerdictGroup(
                verdict,
                reason,
                tuple(sorted(d for d in depths[verdict, reason] if d is not None)),
                members.bit_count(),
                tuple(
                    {
                        v.name: tuple(values[i][x] for x in cube[i])
                        for i, v in enumerate(wanted)
                        if len(cube[i]) < len(v.values)
                    }
                    for cube in points.cover(members)
                ),
            )
            for (verdict, reason), members in under.items()
        ]
        groups.append(PropertyVerdicts(name, tuple(sorted(listed, key=lambda g: order.get(g.verdict, len(order))))))
    return tuple(groups)
