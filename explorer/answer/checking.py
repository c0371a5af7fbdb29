"""check(): lower a model, search it, and put what was found into a Result."""

from __future__ import annotations

import dataclasses
import operator
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from explorer.answer.counterexample import make_trace, short
from explorer.answer.partial_order import reduced_search, reduction_summary
from explorer.answer.result import NeverFired, PropertyResult, Result, Verdict
from explorer.answer.symmetries import symmetric_search
from explorer.answer.trace import schedule_string
from explorer.errors import ModelError, UsageError, did_you_mean, place_at
from explorer.language.model import Model
from explorer.language.properties import Property, PropertyFunction
from explorer.language.rules import Rules
from explorer.language.values import kernel_text, parameter_text, parameters_text
from explorer.lowering import lower
from explorer.process import stop
from explorer.process.command_line import command_line
from explorer.reduction.symmetry import Symmetry
from explorer.search.outcome import ALL, Bounds, Engine, Execution, Listener, Outcome, Progress, Resources, Task
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.symbolic.certificates import certificate
from explorer.system.assertions import Place, assertions
from explorer.system.form import LIVENESS, System
from explorer.system.semantics import failure_text, held_up_text
from explorer.system.wellformed import check as check_system

Reduction = Literal["por", "symmetry", "both", "none"]
REDUCTIONS: tuple[Reduction, ...] = ("por", "symmetry", "both", "none")


def check(
    model: Model,
    *,
    depth: int | None = None,
    properties: Sequence[str | PropertyFunction[Any] | Property] | None = None,
    max_states: int | None = None,
    max_seconds: float | None = None,
    first: bool = False,
    engine: Engine = "auto",
    resources: Resources = ALL,
    reduce: Reduction | None = None,
    say: Callable[[str], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
    tell: Callable[[PropertyResult], None] | None = None,
) -> Result:
    """Explore every interleaving of the model and say which properties hold.

    `depth`: check levels 0 to N only. `properties`: names, decorated functions or bound properties; default: all of the
    model's own and all shipped ones that apply to its parts. `first`: stop after the first violating level.
    `engine`: "auto", "evaluator" or "native" (compiled); the answer is the same. `resources`: what the compiled search may use.
    `reduce`: "por" searches for one property after the other, reduced by partial order; "symmetry" lets one state stand for
    all that differ by a permutation of values that z3 certifies to be alike, which a large search does by itself where that
    is soon certified; "both" does both; "none" reduces nothing. Verdicts and depths are the same.
    `say` is told what a user may want to know about engines, `progress` how far it is while it runs, `tell` each
    property violated or reached when its level is finished.
    Raises ModelError and its kin for a model in error, UsageError for wrong arguments.
    """
    bounds = Bounds(depth, max_states, max_seconds, first)
    if reduce is not None and reduce not in REDUCTIONS:
        raise UsageError(f"reduce must be one of {', '.join(REDUCTIONS)}, or None, not {reduce!r}")
    for name, value in (("depth", depth), ("max_states", max_states), ("max_seconds", max_seconds)):
        if value is not None and value < 0:
            raise UsageError(f"{name} must not be negative, not {value}")
    claims, aside = select(model, properties)
    began = time.monotonic()
    with stop.listening(), stop.within(max_seconds):
        try:
            system = lower(model, claims)
            result = judge(
                model, claims, aside, system, bounds, properties,
                engine=engine, resources=resources, reduce=reduce, say=say, progress=progress, tell=tell,
            )  # fmt: skip
        except stop.Interrupted as e:
            return empty_result(model, claims, aside, e.reason, time.monotonic() - began)
        bounded = result.engine == "native" and result.stopped == "depth"
        return with_proofs(result, system, say) if bounded and reduce != "none" else result


def empty_result(
    model: Model, claims: list[Property], aside: list[PropertyResult], reason: str, seconds: float
) -> Result:
    """The answer where the time was over before the search had begun."""
    why = f"{UNDECIDED[reason]} before the search began"
    undecided = [PropertyResult(c.name, c.kind, Verdict.UNDECIDED, None, None, c.sentence, why) for c in claims]
    return Result(
        model=model.name,
        parameters=parameters_text(model),
        kernel=kernel_text(model),
        engine="evaluator",
        complete=False,
        stopped=reason,
        depth=0,
        states=0,
        transitions=0,
        seconds=seconds,
        properties=(*undecided, *aside),
        never_fired=(),
        warnings=(),
        reductions=(),
        scope="",
        recalled=tuple(model.assumptions),
    )


def with_proofs(result: Result, system: System, say: Callable[[str], None] | None) -> Result:
    """The answer of a search to a depth, where what z3 proves holds beyond it, too.

    Nothing is proved after a stop by time, states, memory or signal: who wants the end of the run does not want proofs.
    """
    bounded = {p.name for p in result.properties if p.verdict is Verdict.HOLDS_TO_DEPTH}
    if not bounded:
        return result
    try:
        proved = certificate(system).proved
    except (stop.Interrupted, KeyboardInterrupt) as e:
        stop.caught()
        return dataclasses.replace(result, stopped=e.reason if isinstance(e, stop.Interrupted) else "interrupt")
    except ImportError as e:
        if say is not None:
            say(f"proofs beyond the bound need z3, which can't be imported ({e}); going on without")
        return result
    return dataclasses.replace(
        result,
        properties=tuple(
            dataclasses.replace(p, verdict=Verdict.PROVED, depth=None) if p.name in bounded & set(proved) else p
            for p in result.properties
        ),
    )


def judge(
    model: Model,
    claims: list[Property],
    aside: list[PropertyResult],
    system: System,
    bounds: Bounds,
    properties: Sequence[str | PropertyFunction[Any] | Property] | None,
    *,
    engine: Engine = "auto",
    resources: Resources = ALL,
    reduce: Reduction | None = None,
    say: Callable[[str], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
    tell: Callable[[PropertyResult], None] | None = None,
) -> Result:
    """What `check` does with a `system` that was lowered from the model with the claims; both as `select` gives them."""
    check_system(system)
    wanted = None if properties is None else {p for p in properties if isinstance(p, str)}
    builtin = [n for n in (ASSERTIONS, DEADLOCK) if properties is None or n in (wanted or ())]
    by_name = {c.name: c for c in claims}
    single = assertions(system) if ASSERTIONS in builtin else {}
    made: dict[str, PropertyResult] = {}
    failing: Execution | None = None

    def found(name: str, path: Execution) -> None:
        nonlocal failing
        if name == ASSERTIONS:
            failing = path
        if name in single:
            if path == failing and ASSERTIONS in made:  # its run has been shown
                made[name] = of_assertion(name, single[name], made[ASSERTIONS])
                return
            made[name] = of_assertion(name, single[name], path_result(model, system, None, name, path))
            if tell is not None:
                tell(made[name])
        elif name in by_name or name in builtin:
            made[name] = path_result(model, system, by_name.get(name), name, path)
            if tell is not None:
                tell(made[name])

    symmetry: Symmetry | None = None
    task, listener = Task(system, bounds, engine, resources), Listener(progress, found, say)
    ordered = reduce in ("por", "both")
    if not ordered:
        use = {"symmetry": True, "none": False}.get(reduce or "")
        outcome, symmetry = symmetric_search(task, listener, use)
    else:
        names = [*by_name, *builtin]
        outcome, symmetry = reduced_search(task, names, listener, symmetric=reduce == "both")
    outcome = finish(made, outcome, found)
    results = [made.get(c.name) or unseen_result(c, outcome.goals.get(c.name, outcome)) for c in claims]
    for name in builtin:
        results.append(made.get(name) or unseen_builtin(name, outcome.goals.get(name, outcome)))
        failed = sorted(single.keys() & outcome.depths.keys(), key=lambda n: (outcome.depths[n], [*single].index(n)))
        if name == ASSERTIONS and len(failed) > 1:
            results += [
                made.get(n) or of_assertion(n, single[n], unseen_builtin(n, outcome.goals.get(n, outcome)))
                for n in failed
            ]
    error, error_trace = "", None
    if outcome.error is not None:
        path, at = outcome.error_path, outcome.error.span
        assert path is not None
        # where the property is that can't be evaluated; none where a step fails
        owner = next((p.name for p in system.properties for _, f in p.undefined if f is outcome.error), "")
        state, before = path.states[-1], path.states[-2:][0]
        text = failure_text(outcome.error, state, before)
        error = str(ModelError(text, place_at(at.file, at.line, at.column, at.end_column)))
        error_trace = make_trace(
            model,
            system,
            path,
            owner or {"range": "its ranges", "index": "its index sorts"}.get(outcome.error.kind, "its sorts"),
            claim=by_name.get(owner),
            violated=True,
            harm=text,
            reproduce=command(model, system, path),
            undefined=bool(owner),
        )
    return Result(
        model=model.name,
        parameters=parameters_text(model),
        kernel=kernel_text(model),
        engine=outcome.engine,
        complete=outcome.complete,
        stopped=outcome.stopped,
        depth=outcome.depth,
        states=outcome.states,
        transitions=outcome.transitions,
        seconds=outcome.seconds,
        properties=(*results, *aside),
        never_fired=None if ordered else never_fired(system, outcome),
        warnings=(*unread_rules(model), *excuse_warnings(claims, outcome.depths), *warnings(system, outcome)),
        reductions=(*([reduction_summary(outcome)] if ordered else []), *([] if symmetry is None else [str(symmetry)])),
        scope=scope(model, system),
        recalled=(*model.assumptions, *model.rules_read.assumptions()),
        error=error,
        error_trace=error_trace,
        source=(model, system, outcome),
    )


def finish(made: Mapping[str, PropertyResult], outcome: Outcome, found: Callable[[str, Execution], None]) -> Outcome:
    """The traces that a stop came before, as long as there is a little time; the outcome without the paths that have none."""

    def rest() -> None:
        for name, path in outcome.paths.items():
            if name not in made:
                found(name, path)

    stop.finished(outcome.stopped, rest)  # `unseen` says what is missing
    lost = outcome.paths.keys() - made.keys()

    def without(given: Outcome) -> Outcome:
        return dataclasses.replace(given, paths={n: p for n, p in given.paths.items() if n not in lost})

    if not lost:
        return outcome
    return dataclasses.replace(without(outcome), goals={n: without(o) for n, o in outcome.goals.items()})


# why a search that has seen every state did not decide what is said about whole runs
UNDECIDED = {
    "seconds": "stopped by --max-seconds",
    "interrupt": "interrupted",
    "disk": "the states are on disk; this needs them in memory",
    "memory": "this needs more memory than --memory allows",
}


def select(
    model: Model, properties: Sequence[str | PropertyFunction[Any] | Property] | None
) -> tuple[list[Property], list[PropertyResult]]:
    """The properties to check, and the results of those that do not apply.

    Raises UsageError for a name that is no property.
    """
    own = list(model.properties)
    parts = list(model.parts.values())
    linux = any(c.__module__.startswith("explorer.models.") for p in parts for c in type(p).__mro__)
    names = [p for p in properties or () if isinstance(p, str)]
    shipped: dict[str, Any] = {}
    if linux or any(n not in {p.name for p in own} and n not in (ASSERTIONS, DEADLOCK) for n in names):
        from explorer.answer.catalogue import properties as catalogue

        shipped = catalogue()
    applying: dict[str, list[Property]] = {}
    for prop in own:
        applying.setdefault(prop.name.split("[")[0], []).append(prop)
    for name, function in shipped.items():
        if name not in applying:
            applying[name] = function.applications(parts)
    aside: list[PropertyResult] = []
    chosen: list[Property] = []

    def exclude(name: str, kind: str, reason: str) -> None:
        aside.append(PropertyResult(name, kind, Verdict.NOT_APPLICABLE, reason=reason))

    wanted: Iterable[Any] = applying if properties is None else properties
    for item in wanted:
        if isinstance(item, Property):
            chosen.append(item)
            continue
        if isinstance(item, PropertyFunction):
            chosen.extend(item.applications(parts))
            continue
        if item in (ASSERTIONS, DEADLOCK):
            continue
        alone = [p for found in applying.values() for p in found if p.name == item != item.split("[")[0]]
        if alone and item.split("[")[0] not in model.excludes:  # of several parts to which it applies, one
            chosen.extend(alone)
            continue
        if item not in applying:
            known = [*applying, ASSERTIONS, DEADLOCK]
            raise UsageError(f"there is no property {item!r}{did_you_mean(item, known, listed=True)}")
        if item in model.excludes:
            exclude(item, "always", model.excludes[item])
        elif applying[item]:
            chosen.extend(applying[item])
        elif properties is not None:
            exclude(item, shipped[item].kind, "the model does not have the parts it speaks about")
    if properties is not None:
        chosen.extend(p for p in own if p.kind == "reachable" and p not in chosen)
    return chosen, aside


def path_result(model: Model, system: System, claim: Property | None, name: str, path: Execution) -> PropertyResult:
    """What a run that violates or reaches the property makes of it, replayed by CPython."""
    reached = claim is not None and claim.kind == "reachable"
    sentence = (
        {
            DEADLOCK: "Somebody can always move, or everybody is done.",
            ASSERTIONS: "Every assert in the model is true.",
        }.get(name, "")
        if claim is None
        else claim.sentence
    )
    harm = harm_of(system, claim, name, path)
    trace = make_trace(
        model, system, path, name, claim=claim, violated=not reached, harm=harm, reproduce=command(model, system, path)
    )
    kind = claim.kind if claim is not None else "always"
    return PropertyResult(
        name, kind, Verdict.REACHED if reached else Verdict.VIOLATED, len(path.actions), trace, sentence
    )


def of_assertion(name: str, place: Place, found: PropertyResult) -> PropertyResult:
    """What was found of a single assertion."""
    trace = None if found.trace is None else dataclasses.replace(found.trace, claim=name)
    return dataclasses.replace(found, name=name, trace=trace, sentence=place[-1], part_of=ASSERTIONS)


def harm_of(system: System, claim: Property | None, name: str, path: Execution) -> str:
    """One clause for the last line: the docstring's line ``Harm: ...``, or what the property is called."""
    if name == DEADLOCK:
        return "nobody can move"
    if claim is None:
        failure = system.actions[path.actions[-1]].failure
        return f"assertion fails: {failure.text if failure is not None else ''}"
    for line in (claim.function.__doc__ or "").splitlines():
        if line.strip().startswith("Harm: "):
            return line.strip()[6:]
    if claim.kind in LIVENESS:
        return f"{claim.name}: {'it' if claim.kind == 'eventually' else 'what must follow'} never comes"
    return f"{claim.name} {'is reached' if claim.kind == 'reachable' else 'is violated'}"


def unseen_result(claim: Property, outcome: Outcome) -> PropertyResult:
    verdict, depth, reason = Verdict.HOLDS, None, ""
    if claim.name in outcome.depths.keys() - outcome.paths.keys():
        reason = unreplayed_reason(outcome, claim.name, "reached" if claim.kind == "reachable" else "violated")
        return PropertyResult(claim.name, claim.kind, Verdict.UNDECIDED, None, None, claim.sentence, reason)
    if claim.kind in LIVENESS:
        if not outcome.complete:
            return PropertyResult(
                claim.name, claim.kind, Verdict.UNDECIDED, None, None, claim.sentence, "not every state was seen"
            )
        if claim.name in outcome.undecided:
            reason = UNDECIDED[outcome.undecided[claim.name]]
            return PropertyResult(claim.name, claim.kind, Verdict.UNDECIDED, None, None, claim.sentence, reason)
    elif claim.kind == "reachable":
        verdict = Verdict.UNREACHABLE if outcome.complete else Verdict.NOT_REACHED_TO_DEPTH
        reason = claim.unless
    elif not outcome.complete:
        verdict = Verdict.HOLDS_TO_DEPTH
    if not outcome.complete:
        depth = outcome.depth
    return PropertyResult(claim.name, claim.kind, verdict, depth, None, claim.sentence, reason)


def unreplayed_reason(outcome: Outcome, name: str, what: str) -> str:
    """Why a property is undecided of which a state was found, and no run to it was replayed."""
    why = UNDECIDED.get(outcome.stopped, outcome.stopped)
    return f"the search found it {what} at depth {outcome.depths[name]}, but it was {why} before CPython had replayed the run"


def unseen_builtin(name: str, outcome: Outcome) -> PropertyResult:
    if name in outcome.depths.keys() - outcome.paths.keys():
        return PropertyResult(name, "always", Verdict.UNDECIDED, reason=unreplayed_reason(outcome, name, "violated"))
    if outcome.complete:
        return PropertyResult(name, "always", Verdict.HOLDS)
    return PropertyResult(name, "always", Verdict.HOLDS_TO_DEPTH, outcome.depth)


def never_fired(system: System, outcome: Outcome) -> tuple[NeverFired, ...]:
    """Steps that no run took, and ways out of a branch that no step of the thread took, though its code has them.

    A run that ends in an error takes what is before the error. What stands only in steps that were never taken is left out.
    """
    steps: dict[tuple[str, str], bool] = {}  # whether it was taken
    ways: dict[tuple[str, str, str, int, bool], str] = {}  # -> the first step that has it
    taken: set[tuple[str, str, str, int, bool]] = set()
    for index, action in enumerate(system.actions):
        fired = index in outcome.fired and action.outcome != "blocked"
        if action.outcome == "step" or fired:
            steps[action.actor, action.label] = steps.get((action.actor, action.label), False) or fired
        for b in action.passed:
            way = (action.actor, b.text, b.file, b.line, b.outcome)
            ways.setdefault(way, action.label)
            if fired:
                taken.add(way)
    alive: set[tuple[str, str, str, int, bool]] = set()
    for action in system.actions:
        if steps.get((action.actor, action.label)):
            alive.update((action.actor, b.text, b.file, b.line, b.outcome) for b in action.passed)
    found = [NeverFired(actor, label, "", "", 0, True) for (actor, label), was in steps.items() if not was]
    for way, label in ways.items():
        if way not in taken and way in alive:
            actor, text, file, line, wanted = way
            reached = (actor, text, file, line, not wanted) in taken
            found.append(NeverFired(actor, label, text, short(file), line, wanted, reached))
    return tuple(found)


def unread_rules(model: Model) -> Iterator[str]:
    """The rules that were set and change nothing here, because no code of the model reads them."""
    for record in model.parameters.values():
        if isinstance(record, Rules):
            for name in sorted(set(record.changed()) - model.rules_read.names(type(record))):
                yield f"the rule {name} is set, and nothing in this model reads it"


def excuse_warnings(claims: Iterable[Property], reached: Container[str]) -> Iterator[str]:
    """What was reached of that which the model says to be rightly impossible."""
    for claim in claims:
        if claim.unless and claim.name in reached:
            yield f"{claim.name} is reached, and the model says that it can't be: {claim.unless}"


def warnings(system: System, outcome: Outcome) -> tuple[str, ...]:
    """Steps that an empty choose alone held up: behaviour may be missing; and what the engine says."""
    held = held_up(system, outcome.blocked, operator.add, lambda n: f"{n:,} state{'s' * (n != 1)}")
    return (*held, *outcome.notes)


def held_up(
    system: System, blocked: Mapping[int, int], together: Callable[[int, int], int], where: Callable[[int], str]
) -> Iterator[str]:
    """A warning for each step that an empty choose alone held up.

    `blocked`: action -> how often, or a set of bits: `together` joins two of them, and `where` says it in words.
    """
    counts: dict[tuple[str, str, str], int] = {}
    for index, count in blocked.items():
        action = system.actions[index]
        assert action.failure is not None
        key = (action.actor, action.label, action.failure.text)
        counts[key] = together(counts.get(key, 0), count)
    for (actor, label, text), count in sorted(counts.items()):
        yield held_up_text(f"in {where(count)}", text, actor, label)


def scope(model: Model, system: System) -> str:
    sizes = [f"{n} {name.lower()}{'s' * (n != 1)}" for name, n in system.scalarsets]
    return "; ".join(["sequentially consistent", *([model.scope] if model.scope else []), *sizes])


def command(model: Model, system: System, path: Execution) -> str:
    """The command that replays a path of the model, or the call, where it has no name that a command could give."""
    from explorer.answer.counterexample import schedule_text

    return replay_command(model, schedule_string([schedule_text(system.actions[a]) for a in path.actions], path.loop))


def replay_command(model: Model, schedule: str) -> str:
    """The command that replays a schedule: with the kernel, and every other parameter that differs from its default."""
    if not model.name:
        return f"explorer.replay(model, {schedule!r})"
    kernel = {"kernel": model.parameters["kernel"]} if "kernel" in model.parameters else {}
    parameters = {name: parameter_text(value) for name, value in {**kernel, **model.given}.items()}
    return command_line("replay", model=model.name, parameters=parameters, schedule=schedule)
