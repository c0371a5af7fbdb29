"""Models by designs or kernels by properties: which design keeps which promise. The answer is a list of cells, plain data.

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
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.answer.catalogue import ModelFunction, load, plugins, shipped
from explorer.cache import content, kept
from explorer.errors import ExplorerError, UsageError
from explorer.process import stop
from explorer.questions import workers

if TYPE_CHECKING:
    from explorer.answer.result import PropertyResult, Result
    from explorer.language.model import Model

Cell: TypeAlias = dict[str, Any]
FAMILIES = ("anon", "file")
IN_ERROR, NOT_SEARCHED = "model in error", "not searched"
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


def module(function: ModelFunction) -> dict[str, Any]:
    """What the file of the model defines, by name."""
    names: dict[str, Any] = inspect.unwrap(function.function).__globals__
    return names


def stamp(row: Row, question: Question) -> str:
    """The digest of all sources and parameters that the row's cells depend on, without the tool's."""
    function = load(row.model)
    points = [f"{name}={p.value} {p.dist and p.dist.version}" for name, p in sorted(plugins("properties").items())]
    files = [File(inspect.getsourcefile(inspect.unwrap(function.function)) or ""), *shipped("properties").values()]
    return content.digest(content.sources(files), *points, json.dumps([asdict(row), asdict(question)]))


def known_sources(row: Row) -> bool:
    """All that the row's model is made from is among its sources. Of a shipped model it is; a file of the user's may read any
    other file, or import an installed package: then only its lowered system says what it is."""
    return row.model in shipped("models")


def stamp_of(wanted: Sequence[Row], question: Question) -> str:
    """The digest of all sources and parameters of the rows: where it differs, the matrix may differ."""
    return content.digest(*(stamp(row, question) for row in wanted))


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
    keys = [content.digest(content.tool(), stamp(row, question)) for row in wanted]
    found: dict[int, list[Cell]] = {}
    for i, key in enumerate(keys):
        cells = kept.recall_json("matrix", key) if known_sources(wanted[i]) else None
        if cells is not None:
            found[i] = cells
    missing = [i for i in range(len(wanted)) if i not in found]
    interrupted = False
    try:
        for at, cells in workers.each(answer, [(wanted[i], question) for i in missing], jobs):
            found[missing[at]] = cells
            if all(cell["verdict"] != IN_ERROR for cell in cells):
                kept.keep_json("matrix", keys[missing[at]], cells)
            if progress is not None:
                progress(len(found), len(wanted))
    except KeyboardInterrupt:
        stop.caught()
        interrupted = True
    return [
        cell for i, row in enumerate(wanted) for cell in found.get(i) or [blank(row, NOT_SEARCHED, "")]
    ], interrupted


def answer(row: Row, question: Question) -> list[Cell]:
    """The cells of a row, searched, or known from an equal system. Raises KeyboardInterrupt where the search was interrupted."""
    from explorer.answer.checking import excused, judge, select, unread, warnings
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
        return [blank(row, "not applicable", str(e))]
    except ExplorerError as e:
        return [blank(row, IN_ERROR, str(e))]
    made = content.of_system(system)
    limits = f"{question.depth} {question.states} {asked}"
    docs = (c.function.__doc__ or "" for c in claims)
    key = None if made is None else content.digest(content.tool(), made, limits, *docs)
    searched = None if key is None else kept.recall_json("systems", key)
    if searched is None:
        try:
            result = judge(model, claims, aside, system, Bounds(question.depth, question.states), asked)
        except ExplorerError as e:
            if e.exit_code >= 64:
                raise
            return [blank(row, IN_ERROR, str(e))]
        if result.stopped == "interrupt" or any(p.reason == "interrupted" for p in result.properties):
            raise KeyboardInterrupt
        if result.error:
            return [blank(row, IN_ERROR, result.error)]
        assert result.source is not None
        searched = {
            "states": result.states,
            "transitions": result.transitions,
            "unreachable": [p.name for p in result.properties if p.verdict.value == "unreachable"],
            "reached": [p.name for p in result.properties if p.verdict.value == "reached"],
            "warnings": list(warnings(*result.source[1:])),
            "properties": list(outcomes(result)),
        }
        if key is not None:
            kept.keep_json("systems", key, searched)
    found = [*searched["properties"], *({"property": p.name, **verdict(p)} for p in aside)]
    wrongly = [c.name for c in claims if c.name in searched["unreachable"] and not c.unless]
    notes = [
        *(f"{name} is unreachable" for name in wrongly),
        *excused(claims, searched["reached"]),
        *searched["warnings"],
        *unread(model),
    ]
    return [{**cell(row, model, searched, given), "notes": notes} for given in found]


def outcomes(result: Result) -> Iterator[dict[str, Any]]:
    """What the search found of each property that it looked at."""
    from explorer.answer.result import Verdict

    for given in result.named:
        if given.kind != "reachable" and given.verdict is not Verdict.NOT_APPLICABLE:
            yield {"property": given.name, **verdict(given)}


def verdict(given: PropertyResult) -> dict[str, Any]:
    """What a cell says of one property."""
    from explorer.render.diagram import diagram

    said: dict[str, Any] = {"verdict": given.verdict.value, "depth": given.depth, "reason": given.reason, "trace": None}
    if given.trace is not None:
        trace = given.trace
        said["trace"] = {
            "schedule": trace.schedule,
            "switches": trace.switches,
            "loop": trace.loop,
            "replay": trace.reproduce.rpartition(" --schedule ")[2],
            "diagram": diagram(trace),
        }
    return said


def cell(row: Row, model: Model, searched: dict[str, Any], given: dict[str, Any]) -> Cell:
    """A cell of the row, from what was found of a property in the row's system or an equal one."""
    from explorer.answer.checking import replay_command, settings

    parameters = settings(model)
    trace = given["trace"]
    if trace is not None:
        stem = replay_command(model, "").rpartition(" --schedule ")[0]
        trace = {**trace, "replay": f"{stem} --schedule {trace['replay']}"}
    applies = given["verdict"] != "not applicable"
    return {
        "model": row.model,
        "parameters": parameters,
        "kernel": parameters.get("kernel"),
        "property": given["property"],
        "verdict": given["verdict"],
        "states": searched["states"] if applies else None,
        "transitions": searched["transitions"] if applies else None,
        "depth": given["depth"],
        "reason": given["reason"],
        "notes": [],
        "trace": trace,
    }


def blank(row: Row, said: str, reason: str) -> Cell:
    """The one cell of a row that has none for each property."""
    parameters = dict(row.parameters)
    return {
        "model": row.model,
        "parameters": parameters,
        "kernel": parameters.get("kernel"),
        "property": None,
        "verdict": said,
        "states": None,
        "transitions": None,
        "depth": None,
        "reason": reason,
        "notes": [],
        "trace": None,
    }


def bounded(cells: Iterable[Cell]) -> bool:
    """Whether some cell might say more with a larger bound."""
    return any(c["verdict"] in ("holds to depth", "undecided") for c in cells)
