"""From a model to its System: every control point of every thread, every path between them, every action and property."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from explorer.errors import ExplorerError, LanguageError, ModelError, Place
from explorer.errors.blame import is_users_fault, place_in, place_of_error, shown_error
from explorer.language import model as language
from explorer.language.model import Model, Part, opens_of
from explorer.language.properties import Property as ModelProperty
from explorer.language.rules import RulesRead
from explorer.language.sorts import BOOL, BoolSort, EnumSort, RangeSort, Sort, name_of_value, show, state_text
from explorer.language.unchanging import Unchanging
from explorer.lowering import kept, layout, limits, values
from explorer.lowering.actions import Actions, check_ranges
from explorer.lowering.facts import Facts
from explorer.lowering.ghosts import without_unread_ghosts
from explorer.lowering.limits import TooMuch
from explorer.lowering.machine import Machine
from explorer.lowering.path import IN_A_CONDITION, Activation, ArrayVariable, Line, PathEnd, Variable, World
from explorer.lowering.source import Source, Sources, no_collector, place_of, span
from explorer.lowering.threads import MOST_CONTROL_POINTS, lower_thread, name_of_thread
from explorer.lowering.values import Mismatch
from explorer.system.expressions import conj, disj
from explorer.system.form import (
    TRUE,
    Cell,
    Constant,
    Domain,
    Expr,
    Failure,
    Interchangeable,
    Property,
    Span,
    System,
    Thread,
)

Edit: TypeAlias = Callable[[str, ast.Module], None]


def lower(model: Model, properties: Iterable[ModelProperty] | None = None, edit: Edit | None = None) -> System:
    """The System of a model with the given properties (default: those the model requires).

    `edit`: changes the syntax tree of a file before it is read; the properties are those of the file as it stands.
    Deterministic: equal for equal models, under any hash seed. Raises LanguageError with the place in the source.
    """
    claims = list(model.properties if properties is None else properties)
    if edit is not None:
        return lower_each(model, [claims], edit)[0]
    return kept.kept_system(model, claims, lambda: lower_each(model, [claims])[0])


def lower_each(model: Model, claims: Iterable[Iterable[ModelProperty]], edit: Edit | None = None) -> list[System]:
    """The System of a model with each of several lists of properties; the rest is lowered once."""
    try:
        with no_collector():  # nearly all that is made here stays
            lowering = Lowering(model, edit)
            found = [lowering.system(list(properties)) for properties in claims]
        model.unchanging.check()
        return found
    except ExplorerError:
        raise
    except Exception as e:
        if not is_users_fault(e):
            raise
        raise ModelError(f"the model fails while it is lowered: {shown_error(e)}", place_of_error(e)) from e


@dataclass(frozen=True)
class Routines:
    """What the threads and actions of a model run through: the routines, the tests in them that went both ways, the lines
    that each action of the system runs, and those before the first step of a thread."""

    sources: list[Source]
    tests: set[ast.AST]
    lines: list[frozenset[Line]]
    begun: set[Line]


def routines(model: Model) -> Routines:
    """Lowers the model for what it says of the source."""
    lowering = Lowering(model)
    world = lowering.world
    lines = [world.lines[id(action)][1] for action in lowering.made.actions]
    return Routines([code.source for code in world.codes.values()], world.tests, lines, world.begun)


class Lowering:
    def __init__(self, model: Model, edit: Edit | None = None) -> None:
        model.built = True
        model.rules_read = RulesRead(model.rules_built)
        model.unchanging = Unchanging()
        self.model, self.edited = model, edit is not None
        sizes: layout.Sizes = dict(model.scalarset_sizes())
        self.world = World(model, sizes, Sources(edit), [], {}, {}, {})
        self.made = Actions(self.world)
        self.threads: list[Thread] = []
        for part in model.parts.values():
            self.declare(part)
        self.open_rules()
        for thread in model.threads:
            self.world.finished[thread.name] = len(self.world.cells)
            text, indexes = name_of_thread(thread)
            self.world.cells.append(
                Cell(
                    f"{thread.name}.at",
                    Domain("location", 0, MOST_CONTROL_POINTS),
                    (0,),
                    owner=thread.name,
                    pattern=f"{text}.at",
                    indexes=indexes,
                )
            )
        for thread in model.threads:
            self.thread(thread)
        for action in model.actions:
            self.action(action)

    # ------------------------------------------------------------ state

    def add_cells(
        self,
        name: str,
        sort: Sort[Any],
        init: Any,
        *,
        ghost: bool = False,
        at: Place | None = None,
        named: layout.Named | None = None,
    ) -> Variable:
        """The cells of one variable; `init`: its initial value, or a list of several for a constant left open; `named`: its
        name as `layout.pattern` gives it, where that differs."""
        world = self.world
        try:
            found = list(itertools.islice(layout.leaves(sort, world.sizes), limits.MOST_CELLS + 1))
            if len(world.cells) + len(found) > limits.MOST_CELLS:
                raise LanguageError(
                    f"with {name} the state has more than {limits.MOST_CELLS:,} cells: a record takes one for each field, an "
                    "array one for each index, a subset one for each member: take smaller sorts",
                    at,
                )
            codes: list[list[int]] = []
            for value in init if isinstance(init, list) else [init]:
                exprs = layout.store(sort, value, world.sizes, lambda c, m: None)
                codes.append([int(e.value) for e in exprs if isinstance(e, Constant)])
        except Mismatch as m:
            more = "" if isinstance(sort, RangeSort | BoolSort | EnumSort) else f": {m}"
            raise LanguageError(
                f"the initial value of {name} must be of the sort {sort!r}, not {name_of_value(value)}{more}", at
            ) from None
        except TooMuch as e:
            raise LanguageError(f"{name}: {e.text}", at) from None
        except LanguageError as e:
            e.place = e.place or at
            raise
        except Exception as e:  # evaluating the annotations of a record
            raise LanguageError(f"the sort of {name} can't be made: {shown_error(e)}", place_of_error(e) or at) from e
        for value in init if isinstance(init, list) else [init]:
            for limit in layout.limits(sort, value, world.sizes, Facts([]).bounds_given, name):
                where = limit.text.partition(" would ")[0]
                more = (
                    f": {where} is outside its range" if limit.kind == "range" else f": {limit.text.partition(': ')[2]}"
                )
                more = "" if where == name else more
                raise LanguageError(
                    f"the initial value of {name} must be of the sort {sort!r}, not {name_of_value(value)}{more}", at
                )
        cells = []
        text, indexes = named or (name, ())
        for i, leaf in enumerate(found):
            path, domain, (rest, more_indexes) = leaf.path, leaf.domain, leaf.named
            initial = tuple(dict.fromkeys(code[i] for code in codes))
            for code in initial:
                if not domain.lo <= code <= domain.top:
                    raise LanguageError(
                        f"the initial value of {name} must be in {domain.lo}..{domain.hi}, not {code}", at
                    )
            cells.append(len(world.cells))
            world.cells.append(
                Cell(
                    name + layout.joined_name(path),
                    domain,
                    initial,
                    name,
                    path,
                    ghost=ghost,
                    pattern=text + rest,
                    indexes=(*indexes, *more_indexes),
                    kinds=leaf.kinds,
                    usual=leaf.usual,
                )
            )
        return Variable(name, sort, cells, ghost)

    def declare(self, part: Part) -> None:
        for attribute, declaration in part.part_state.items():
            name = f"{part.part_name}.{attribute}"
            if declaration.index is None:
                self.world.variables[name] = self.add_cells(
                    name, declaration.sort, declaration.init, ghost=declaration.ghost, at=declaration.place
                )
                continue
            elements = {}
            try:
                keys = layout.members_of(declaration.index, self.world.sizes)
            except TooMuch as e:
                raise LanguageError(f"{name}: {e.text}", declaration.place) from None
            except LanguageError as e:
                e.place = e.place or declaration.place
                raise
            for key in keys:
                shown = ",".join(map(state_text, key)) if isinstance(key, tuple) else state_text(key)
                try:
                    init = declaration.init(key)
                except ModelError as e:
                    e.place = e.place or place_of_error(e) or declaration.place
                    raise
                except Exception as e:  # whatever the user's function raises
                    raise ModelError(
                        f"the initial value of {name}[{shown}] can't be made: {shown_error(e)}",
                        place_of_error(e) or declaration.place,
                    ) from e
                text, indexes = layout.pattern(key)
                elements[key] = self.add_cells(
                    f"{name}[{shown}]",
                    declaration.sort,
                    init,
                    ghost=declaration.ghost,
                    at=declaration.place,
                    named=(f"{name}[{text}]", indexes),
                )
            self.world.variables[name] = ArrayVariable(name, declaration.index, elements)

    def open_rules(self) -> None:
        """A constant cell for every rule left open that parts or closures hold."""
        for name, (owner, opened) in sorted(opens_of(self.model).items()):
            choices = list(opened.values)
            sort: Sort[Any]
            if all(isinstance(v, bool) for v in choices):
                sort = BOOL
            elif all(isinstance(v, Enum) for v in choices):
                sort = EnumSort(type(choices[0]))
            else:
                sort = RangeSort(min(choices), max(choices))
            self.world.constants[name] = self.add_cells(f"{owner}.{name}", sort, choices)

    # ------------------------------------------------------------ threads

    def no_captured(self, function: Callable[..., Any], form: str, *, any_loop: bool = False) -> None:
        """Refuse a function that takes the variable of a loop from around it: it would see the last value only."""
        found = self.world.sources.captured_name(function, any_loop=any_loop)
        if found is not None:
            use, name, loop = found
            raise LanguageError(
                f"{name} is bound by the loop in line {getattr(loop, 'lineno', 0)}, and what is made in the loop would see "
                f"only its last value: {form.format(name=name)}",
                place_of(span(self.world.sources.of(function).file, use)),
            )

    def thread(self, thread: language.Thread) -> None:
        self.no_captured(
            thread.function,
            '@m.thread("cpu", {name}=values) above async def cpu({name}) makes one thread for each value',
            any_loop=True,
        )
        self.threads.append(lower_thread(self.made, thread))

    # ------------------------------------------------------------ actions

    def action(self, action: language.Action) -> None:
        source = self.world.sources.of(action.body)
        text, indexes = layout.pattern(tuple(action.arguments.values()))
        form = "@m.action(label, actor=actor, {name}=values) makes one for each value"
        for function in (action.body, action.when):
            if function is not None:
                self.no_captured(function, form)
        here = Activation(self.world.code(action.body), None)
        for path in self.made.ways(source.node, here):
            end: PathEnd | None = None
            enabled = True
            leaving: list[tuple[list[Expr], Failure]] = []
            try:
                with path.bounded(source.node, here):
                    if action.when is not None:
                        wanted = inspect.signature(action.when).parameters
                        arguments = {k: v for k, v in action.arguments.items() if k in wanted}
                        with path.pure_only(IN_A_CONDITION):
                            condition = condition_of_lambda(path, action.when, arguments)
                            if condition is None:
                                condition = condition_of(path, call(path, action.when, [], arguments), action.when)
                        enabled = path.decide(condition)
                    if enabled:
                        call(path, action.body, [], dict(action.arguments))
                        leaving = check_ranges(path)
            except PathEnd as e:
                end = e
            if enabled:
                at = span(source.file, source.node)
                self.made.actions.extend(
                    self.made.outcomes(
                        path,
                        end,
                        leaving,
                        actor=action.actor,
                        label=action.label,
                        span=at,
                        function=source.name,
                        kernel=source.kernel,
                        name=action.schedule,
                        voluntary=action.voluntary,
                        fairness="none" if action.voluntary else action.fairness,
                        pattern=f"{action.name}[{text}]",
                        indexes=indexes,
                    )
                )

    # ------------------------------------------------------------ properties

    def property(self, given: ModelProperty) -> Property:
        results: list[tuple[Expr, Expr]] = []
        triggers: list[Expr] = []
        failures: list[tuple[Expr, Failure]] = []
        source = self.world.sources.of(given.function)
        here = Activation(self.world.code(given.function), None)
        self.no_captured(given.function, "give the lambda a copy, lambda {name}={name}: ...")
        for path in self.made.ways(source.node, here):
            path.may_look_back = given.kind == "always_step"
            try:
                with path.bounded(source.node, here), path.pure_only(IN_A_CONDITION):
                    condition = condition_of_lambda(path, given.function, {})
                    if condition is not None:
                        value = path.boolean_value(condition)
                    else:
                        value = call(path, given.function, list(given.parts), {})
                if given.kind == "leads_to":
                    if not isinstance(value, tuple) or len(value) != 2:
                        raise LanguageError(
                            f"the property {given.name} must return two conditions, what happens and what it leads to, not "
                            f"{values.describe(value)}: write return happens, follows",
                            place_of(span(source.file, source.node)),
                        )
                    value, trigger = value[1], value[0]
                    triggers.append(conj(*path.guard, condition_of(path, trigger, given.function)))
                if value is None:
                    raise LanguageError(
                        f"the property {given.name} returns None on some way through: it must return a bool on each",
                        place_of(span(source.file, source.node)),
                    )
                results.append((conj(*path.guard), condition_of(path, value, given.function)))
            except PathEnd as end:
                assert end.failure is not None
                failures.append((conj(*path.guard), end.failure))
        if given.kind != "reachable":
            # where it can't be evaluated the model is in error: that is told, and not that it is violated
            results.extend((g, TRUE) for g, _ in failures)
        doc = (given.function.__doc__ or "").strip().split("\n")
        return Property(
            given.name,
            given.kind,
            disj(*(conj(g, v) for g, v in results)),
            doc[0],
            "\n".join(line.strip() for line in doc[1:]).strip(),
            span(source.file, source.node),
            tuple(failures),
            disj(*triggers) if given.kind == "leads_to" else TRUE,
        )

    def system(self, properties: list[ModelProperty]) -> System:
        names = [p.name for p in properties]
        for i, name in enumerate(names):
            if name in names[:i]:
                source = self.world.sources.of(properties[i].function)
                at = place_of(span(source.file, source.node))
                raise LanguageError(f"two properties are named {name!r}: each needs a name of its own", at)
        if self.edited:
            self.world.sources, self.world.codes = Sources(), {}
        lowered = tuple(self.property(p) for p in properties)
        changed = {cell for a in self.made.actions for cell, _ in a.updates} | {
            a.location[0] for a in self.made.actions if a.location
        }
        cells = tuple(dataclasses.replace(c, constant=i not in changed) for i, c in enumerate(self.world.cells))
        sizes = tuple(sorted((cls.__name__, n) for cls, n in self.world.sizes.items()))
        alike = tuple(map(interchangeable, self.model.interchangeable_values))
        return without_unread_ghosts(
            System(self.model.name, cells, tuple(self.made.actions), lowered, tuple(self.threads), (), sizes, alike)
        )


# ---------------------------------------------------------------- helpers


def interchangeable(declared: language.Declared) -> Interchangeable:
    """Values declared interchangeable. Raises LanguageError for what can't be."""
    place = None if declared.site is None else place_in(*declared.site)
    kinds = {type(v) for v in declared.values}
    if len(kinds) != 1 or not issubclass(next(iter(kinds)), Enum) or len(set(declared.values)) < 2:
        raise LanguageError(
            "m.interchangeable takes two or more members of one Enum, not "
            f"{', '.join(map(name_of_value, declared.values)) or 'nothing'}: give actors and pages names of their own, "
            "class Process(Enum); the values of a Scalarset are interchangeable without",
            place,
        )
    given = sorted(set(declared.values), key=values.code_of)
    return Interchangeable(
        next(iter(kinds)).__name__,
        tuple(map(values.code_of, given)),
        tuple(map(show, given)),
        Span("", 0) if place is None else Span(place.file, place.line),
    )


def call(path: Machine, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Run a plain routine on the path and return its value."""
    entered = path.enter(function, args, kwargs, None, None)
    path.run([entered])
    return path.returned


def condition_of_lambda(path: Machine, function: Callable[..., Any], arguments: dict[str, Any]) -> Expr | None:
    """Whether Python takes the result of ``lambda: a or b`` for true: its operands need be of no common sort. None for others."""
    node = path.world.sources.of(function).node
    if not isinstance(node, ast.Lambda) or not isinstance(node.body, ast.BoolOp):
        return None
    entered = path.enter(function, [], arguments, None, None)
    return path.facts.simplify(path.condition(node.body, entered))


def condition_of(path: Machine, value: Any, function: Callable[..., Any]) -> Expr:
    code = path.world.code(function)
    return path.facts.simplify(path.truth(value, code.source.node, Activation(code, None)))


__all__ = ["lower"]
