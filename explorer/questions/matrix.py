"""Models by designs or kernels by properties: which design keeps which promise. The answer is a list of cells.

A row is a model with parameters: one search, which gives a cell for each property. A row's cells are kept by the content of
the sources and parameters. What the search found is kept by the content of the lowered system too, and by the rules that were
read on the way to it: two kernels that differ in nothing that a model reads are lowered and searched once.
"""

from __future__ import annotations

import inspect
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from explorer.answer.catalogue import ModelFunction, load, plugins, shipped_files
from explorer.answer.matrix import Cell, CellTrace, Finding, RunText, SystemFindings
from explorer.answer.result import PropertyResult, Result, Verdict
from explorer.cache import content
from explorer.errors import ExplorerError, ModelError, UsageError, did_you_mean
from explorer.language.values import parameters_text
from explorer.process import stop
from explorer.questions import workers
from explorer.questions.kept import keep_answer, recall_answer
from explorer.search.reference import ASSERTIONS, DEADLOCK

if TYPE_CHECKING:
    from explorer.language.model import Model

FAMILIES = ("anon", "file")
MOST_STATES = 1_000_000  # of a row, where nothing else is said: a count, so that two runs say the same


@dataclass(frozen=True)
class Row:
    """A model by name, and the parameters that differ from their defaults, as the command line's text."""

    model: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked of every row. `properties`: these alone, default all that apply."""

    properties: tuple[str, ...] | None = None
    depth: int | None = None
    states: int | None = MOST_STATES


# ---------------------------------------------------------------- rows


def family(function: ModelFunction) -> str:
    """The family of a model: what its file says in `FAMILY`, else "file" if it has a parameter `design`."""
    said = module(function).get("FAMILY")
    if said is not None and said not in FAMILIES:
        raise UsageError(f"FAMILY of the model {function.name} must be one of {', '.join(FAMILIES)}, not {said!r}")
    return str(said or ("file" if "design" in function.parameters else "anon"))


def rows(function: ModelFunction, usual: Mapping[str, Sequence[str]], given: Mapping[str, Sequence[str]]) -> list[Row]:
    """The rows of a model, over the values of some of its parameters.

    Its file may name them, `MATRIX = {"design": ("none", "wait"), "child": ("stays", "exits")}`. Without, a model is spread
    over its parameter `design` if it has one, else over `kernel` if it has that: over the members of an Enum, or the `usual`
    values. `given`: the values of `design` or `kernel` that are asked for instead.
    """
    over = {name: tuple(values) for name, values in module(function).get("MATRIX", {}).items()}
    known = function.parameters
    for name in over:
        if name not in known:
            raise UsageError(f"MATRIX of the model {function.name} names {name!r}, which is no parameter of it")
    spread = next((name for name in ("design", "kernel") if name in known), None)
    if spread is not None and spread not in over:
        wanted = function.types.get(spread)
        members = isinstance(wanted, type) and issubclass(wanted, Enum) and [m.name.lower() for m in wanted]
        over[spread] = tuple(members or usual[spread])
    over |= {name: tuple(values) for name, values in given.items() if name in known}
    return [Row(function.name, tuple(zip(over, values, strict=True))) for values in itertools.product(*over.values())]


@dataclass(frozen=True)
class Plan:
    """What is searched.

    `rows`: of the models that can be loaded.
    `broken`: a cell for each other model, with the reason.
    """

    rows: list[Row]
    broken: list[Cell]


def plan(
    models: Sequence[str] | None,
    usual: Mapping[str, Sequence[str]],
    given: Mapping[str, Sequence[str]],
    wanted_family: str | None,
) -> Plan:
    """The rows of these models (None: all that are shipped or added) that are of the family (None: of any). `usual` and
    `given`: as `rows` has them. Raises UsageError where there is no row, or a design that no model knows."""
    functions: list[ModelFunction] = []
    broken: list[Cell] = []
    for name in models if models is not None else [*shipped_files("models"), *plugins("models")]:
        try:
            functions.append(load(name))
        except ModelError as e:
            broken.append(whole_row(Row(name), Verdict.IN_ERROR, str(e)))
    functions = [f for f in functions if wanted_family in (None, family(f))]
    check_designs(functions, given.get("design", []))
    found = [row for f in functions for row in rows(f, usual, given)]
    if not found and not broken:
        raise UsageError(f"none of the models is of the family {wanted_family or 'all'}")
    return Plan(found, broken)


def check_designs(functions: Sequence[ModelFunction], designs: Sequence[str]) -> None:
    """Raise UsageError for a design that no model knows."""
    for design in designs:
        refused = None
        for function in (f for f in functions if "design" in f.parameters):
            try:
                function.convert("design", design)
                break
            except UsageError as e:
                refused = e
        else:
            raise refused or UsageError("none of the models has a parameter design")


def check_properties(wanted: Sequence[str] | None, own_models: bool) -> None:
    """Raise UsageError for a name that is no property; `own_models`: models of one's own may have more than the shipped ones."""
    known = [*shipped_files("properties"), *plugins("properties"), ASSERTIONS, DEADLOCK]
    for name in wanted or ():
        if name not in known and not own_models:
            raise UsageError(f"there is no property {name!r}{did_you_mean(name, known, listed=True)}")


def module(function: ModelFunction) -> dict[str, Any]:
    """What the file of the model defines, by name."""
    names: dict[str, Any] = inspect.unwrap(function.function).__globals__
    return names


def stamp(row: Row, question: Question) -> str:
    """The digest of all sources and parameters that the row's cells depend on, without the tool's."""
    return stamps([row], question)[0]


def stamps(wanted: Sequence[Row], question: Question) -> list[str]:
    """The `stamp` of each row: what they share is read once."""
    points = [f"{name}={p.value} {p.dist and p.dist.version}" for name, p in sorted(plugins("properties").items())]
    claims = list(shipped_files("properties").values())
    sources: dict[str, str] = {}
    for name in dict.fromkeys(row.model for row in wanted):
        file = File(inspect.getsourcefile(inspect.unwrap(load(name).function)) or "")
        sources[name] = content.sources([file, *claims])
    return [content.digest(sources[r.model], *points, json.dumps([asdict(r), asdict(question)])) for r in wanted]


def known_sources(row: Row) -> bool:
    """All that the row's model is made from is among its sources. Of a shipped model it is; a file of the user's may read any
    other file, or import an installed package: then only its lowered system says what it is."""
    return row.model in shipped_files("models")


def stamp_of(wanted: Sequence[Row], question: Question) -> str:
    """The digest of all sources and parameters of the rows: where it differs, the matrix may differ."""
    return content.digest(*stamps(wanted, question))


# ---------------------------------------------------------------- cells


def matrix(
    wanted: Sequence[Row],
    question: Question,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Cell], bool]:
    """The cells of the rows, in their order, and whether it was interrupted: then rows are missing, and said to be.

    `progress` is told how many rows are done, and of how many. The cells do not depend on `jobs`.
    """
    keys = [content.digest(content.tool(), made) for made in stamps(wanted, question)]
    found: dict[int, list[Cell]] = {}
    for i, key in enumerate(keys):
        known = recall_answer("matrix", key, tuple[Cell, ...]) if known_sources(wanted[i]) else None
        if known is not None:
            found[i] = list(known)
    missing = [i for i in range(len(wanted)) if i not in found]
    interrupted = False
    try:
        for at, cells in workers.each(answer, [(wanted[i], question) for i in missing], jobs):
            found[missing[at]] = cells
            if all(cell.verdict is not Verdict.IN_ERROR for cell in cells):
                keep_answer("matrix", keys[missing[at]], cells)
            if progress is not None:
                progress(len(found), len(wanted))
    except KeyboardInterrupt:
        stop.caught()
        interrupted = True
    return [
        cell for i, row in enumerate(wanted) for cell in found.get(i) or [whole_row(row, Verdict.NOT_SEARCHED, "")]
    ], interrupted


def answer(row: Row, question: Question) -> list[Cell]:
    """The cells of a row, searched, or known from an equal system. Raises KeyboardInterrupt where the search was interrupted."""
    from explorer.answer.checking import excuse_warnings, judge, select, unread_rules, warnings
    from explorer.lowering import lower
    from explorer.questions.vary import parameters_of
    from explorer.search.outcome import Bounds

    function = load(row.model)
    asked = list(question.properties) if question.properties is not None else None
    try:
        model = function(**parameters_of(function, row.parameters))
        claims, aside = select(model, asked)
        system = lower(model, claims)
    except UsageError as e:  # these parameters make no model
        return [whole_row(row, Verdict.NOT_APPLICABLE, str(e))]
    except ExplorerError as e:
        return [whole_row(row, Verdict.IN_ERROR, str(e))]
    made = content.of_system(system)
    limits = f"{question.depth} {question.states} {asked}"
    docs = (c.function.__doc__ or "" for c in claims)
    key = None if made is None else content.digest(content.tool(), made, limits, *docs)
    found: SystemFindings | None = None if key is None else recall_answer("systems", key, SystemFindings)
    if found is None:
        try:
            result = judge(model, claims, aside, system, Bounds(question.depth, question.states), asked)
        except ExplorerError as e:
            if e.exit_code >= 64:
                raise
            return [whole_row(row, Verdict.IN_ERROR, str(e))]
        if result.stopped == "interrupt" or any(p.reason == "interrupted" for p in result.properties):
            raise KeyboardInterrupt
        if result.error:
            return [whole_row(row, Verdict.IN_ERROR, result.error)]
        assert result.source is not None
        found = SystemFindings(
            states=result.states,
            transitions=result.transitions,
            unreachable=tuple(p.name for p in result.properties if p.verdict is Verdict.UNREACHABLE),
            reached=tuple(p.name for p in result.properties if p.verdict is Verdict.REACHED),
            warnings=warnings(*result.source[1:]),
            properties=tuple(findings(result)),
        )
        if key is not None:
            keep_answer("systems", key, found)
    wrongly = [c.name for c in claims if c.name in found.unreachable and not c.unless]
    notes = (
        *(f"{name} is unreachable" for name in wrongly),
        *excuse_warnings(claims, found.reached),
        *found.warnings,
        *unread_rules(model),
    )
    return [cell(row, model, found, each, notes) for each in (*found.properties, *map(finding, aside))]


def findings(result: Result) -> Iterator[Finding]:
    """What the search found of each property that it looked at."""
    for given in result.summaries:
        if given.kind != "reachable" and given.verdict is not Verdict.NOT_APPLICABLE:
            yield finding(given)


def finding(given: PropertyResult) -> Finding:
    """What a search found of one property."""
    from explorer.render.diagram import diagram

    trace = given.trace
    run = None if trace is None else RunText(trace.schedule, trace.switches, trace.loop, diagram(trace))
    return Finding(given.name, given.verdict, given.depth, given.reason, run)


def cell(row: Row, model: Model, found: SystemFindings, given: Finding, notes: tuple[str, ...]) -> Cell:
    """A cell of the row, from what was found of a property in the row's system or an equal one."""
    from explorer.answer.checking import replay_command

    parameters, run = parameters_text(model), given.run
    trace = None
    if run is not None:
        trace = CellTrace(run.schedule, run.switches, run.loop, replay_command(model, run.schedule), run.diagram)
    applies = given.verdict is not Verdict.NOT_APPLICABLE
    return Cell(
        model=row.model,
        parameters=parameters,
        kernel=parameters.get("kernel"),
        name=given.name,
        verdict=given.verdict,
        states=found.states if applies else None,
        transitions=found.transitions if applies else None,
        depth=given.depth,
        reason=given.reason,
        notes=notes,
        trace=trace,
    )


def whole_row(row: Row, verdict: Verdict, reason: str) -> Cell:
    """The one cell of a row that has none for each property."""
    parameters = dict(row.parameters)
    kernel = parameters.get("kernel")
    return Cell(row.model, parameters, kernel, None, verdict, None, None, None, reason, (), None)


def may_say_more(cells: Iterable[Cell]) -> bool:
    """Whether some cell might say more with a larger bound."""
    return any(c.verdict in (Verdict.HOLDS_TO_DEPTH, Verdict.UNDECIDED) for c in cells)
