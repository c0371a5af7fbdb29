"""From a model to its System: every control point of every thread, every path between them, every rule and property."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from explorer.blame import blamed, is_users_fault, place_in, shown_error
from explorer.errors import ExplorerError, LanguageError, ModelError, Place
from explorer.expressions import cells_read, conj, disj, eq, le, neg
from explorer.language import model as language
from explorer.language.model import Model, Part
from explorer.language.properties import Property as ModelProperty
from explorer.language.rules import RulesRead, opens_of
from explorer.language.sorts import BOOL, BoolSort, EnumSort, RangeSort, Sort, called, show, state_text
from explorer.lowering import limits, values
from explorer.lowering.code import Code
from explorer.lowering.facts import Facts
from explorer.lowering.ghosts import without_unread_ghosts
from explorer.lowering.limits import TooMuch
from explorer.lowering.machine import (
    Activation,
    ArrayVariable,
    Bound,
    Line,
    Memo,
    Park,
    Path,
    PathEnd,
    Saved,
    Variable,
    World,
    too_many_paths,
)
from explorer.lowering.source import Source, Sources, no_collector, place_of, span
from explorer.lowering.values import Mismatch, symbolic
from explorer.system import (
    FALSE,
    TRUE,
    Action,
    Cell,
    Constant,
    Domain,
    Expr,
    Failure,
    Interchangeable,
    Property,
    Read,
    Span,
    System,
    Thread,
)

MOST_CONTROL_POINTS = 10_000
MOST_ROUNDS = 40  # of widening the sorts of locals


@dataclass(frozen=True)
class LocalCell:
    """Stands in a control point for a local that lives in a cell."""

    key: tuple[Any, ...]


@dataclass
class ControlPoint:
    """Where a thread is parked: the routines in progress, outermost first, with their live names."""

    frames: list[tuple[Code, Any, int, dict[str, Any]]]
    park: Park

    def locals(self) -> set[tuple[Any, ...]]:
        return {v.key for _, _, _, env in self.frames for v in env.values() if isinstance(v, LocalCell)}


Edit: TypeAlias = Callable[[str, ast.Module], None]


def lower(model: Model, properties: Iterable[ModelProperty] | None = None, edit: Edit | None = None) -> System:
    """The System of a model with the given properties (default: those the model requires).

    `edit`: changes the syntax tree of a file before it is read; the properties are those of the file as it stands.
    Deterministic: equal for equal models, under any hash seed. Raises LanguageError with the place in the source.
    """
    return lower_each(model, [model.properties if properties is None else properties], edit)[0]


def lower_each(model: Model, claims: Iterable[Iterable[ModelProperty]], edit: Edit | None = None) -> list[System]:
    """The System of a model with each of several lists of properties; the rest is lowered once."""
    try:
        with no_collector():  # nearly all that is made here stays
            lowering = Lowering(model, edit)
            return [lowering.system(list(properties)) for properties in claims]
    except ExplorerError:
        raise
    except Exception as e:
        if not is_users_fault(e):
            raise
        raise ModelError(f"the model fails while it is lowered: {shown_error(e)}", blamed(e)) from e


@dataclass(frozen=True)
class Routines:
    """What the threads and rules of a model run through: the routines, the tests in them that went both ways, the lines
    that each action of the system runs, and those before the first step of a thread."""

    sources: list[Source]
    tests: set[ast.AST]
    lines: list[frozenset[Line]]
    begun: set[Line]


def routines(model: Model) -> Routines:
    """Lowers the model for what it says of the source."""
    lowering = Lowering(model)
    world = lowering.world
    lines = [world.lines[id(action)][1] for action in lowering.actions]
    return Routines([code.source for code in world.codes.values()], world.tests, lines, world.begun)


class Lowering:
    def __init__(self, model: Model, edit: Edit | None = None) -> None:
        model.built = True
        model.rules_read = RulesRead(model.rules_built)
        self.model, self.edited = model, edit is not None
        sizes: values.Sizes = dict(model.scalarset_sizes())
        self.world = World(model, sizes, Sources(edit), [], {}, {}, {})
        self.actions: list[Action] = []
        self.threads: list[Thread] = []
        for part in model.parts.values():
            self.declare(part)
        self.open_rules()
        for thread in model.threads:
            self.world.finished[thread.name] = len(self.world.cells)
            text, indexes = named(thread)
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
        for rule in model.rules:
            self.rule(rule)

    # ------------------------------------------------------------ limits

    def begin(self) -> None:
        """A step, a rule or a property begins."""
        self.world.work.begin()
        self.paths = 0

    def another(self, path: Path, node: ast.AST, top: Activation, actions: int = 0) -> None:
        """A path through it is done, with so many `actions` of a thread. Refuses too many."""
        self.paths += 1
        with path.bounded(node, top):
            if self.paths > limits.MOST_PATHS:
                raise too_many_paths(path)
            if len(self.actions) + actions > limits.MOST_ACTIONS:
                raise TooMuch(
                    f"the model has more than {limits.MOST_ACTIONS:,} actions, paths through a step: take fewer threads, or "
                    "smaller sorts of what they are made for and of what they choose from"
                )

    # ------------------------------------------------------------ state

    def add_cells(
        self,
        name: str,
        sort: Sort[Any],
        init: Any,
        *,
        ghost: bool = False,
        at: Place | None = None,
        named: values.Named | None = None,
    ) -> Variable:
        """The cells of one variable; `init`: its initial value, or a list of several for a constant left open; `named`: its
        name as `values.pattern` gives it, where that differs."""
        world = self.world
        try:
            found = list(itertools.islice(values.leaves(sort, world.sizes), limits.MOST_CELLS + 1))
            if len(world.cells) + len(found) > limits.MOST_CELLS:
                raise LanguageError(
                    f"with {name} the state has more than {limits.MOST_CELLS:,} cells: a record takes one for each field, an "
                    "array one for each index, a subset one for each member: take smaller sorts",
                    at,
                )
            codes: list[list[int]] = []
            for value in init if isinstance(init, list) else [init]:
                exprs = values.store(sort, value, world.sizes, lambda c, m: None)
                codes.append([int(e.value) for e in exprs if isinstance(e, Constant)])
        except Mismatch as m:
            more = "" if isinstance(sort, RangeSort | BoolSort | EnumSort) else f": {m}"
            raise LanguageError(
                f"the initial value of {name} must be of the sort {sort!r}, not {called(value)}{more}", at
            ) from None
        except TooMuch as e:
            raise LanguageError(f"{name}: {e.text}", at) from None
        except LanguageError as e:
            e.place = e.place or at
            raise
        except Exception as e:  # evaluating the annotations of a record
            raise LanguageError(f"the sort of {name} can't be made: {shown_error(e)}", blamed(e) or at) from e
        for value in init if isinstance(init, list) else [init]:
            for limit in values.limits(sort, value, world.sizes, Facts([]).bounds_given, name):
                where = limit.text.partition(" would ")[0]
                more = (
                    f": {where} is outside its range" if limit.kind == "range" else f": {limit.text.partition(': ')[2]}"
                )
                more = "" if where == name else more
                raise LanguageError(
                    f"the initial value of {name} must be of the sort {sort!r}, not {called(value)}{more}", at
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
                    name + values.joined(path),
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
                keys = values.members_of(declaration.index, self.world.sizes)
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
                    e.place = e.place or blamed(e) or declaration.place
                    raise
                except Exception as e:  # whatever the user's function raises
                    raise ModelError(
                        f"the initial value of {name}[{shown}] can't be made: {shown_error(e)}",
                        blamed(e) or declaration.place,
                    ) from e
                text, indexes = values.pattern(key)
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
        found = self.world.sources.captured(function, any_loop=any_loop)
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
        base = len(self.world.cells)
        sorts: dict[tuple[Any, ...], Sort[Any]] = {}
        mixed: set[tuple[Any, Any]] = set()
        for _ in range(MOST_ROUNDS):
            del self.world.cells[base:]
            lowered = ThreadLowering(self, thread, sorts, mixed)
            lowered.run()
            if not lowered.widened:
                break
        else:
            grown = sorted(lowered.widened)[0].rpartition(".")[2]
            code = next(code for code, _, name in lowered.sorts if name == grown)
            raise LanguageError(
                f"the local {grown} grows from step to step, and its range can't be computed: declare it, "
                f"{grown} = local(Range(lo, hi), init)",
                first_assignment(code, grown),
            )
        self.actions.extend(lowered.actions)
        points = lowered.points
        labels = unique_labels(["finished", *(p.park.label for p in points)])
        cell = self.world.finished[thread.name]
        self.world.cells[cell] = dataclasses.replace(
            self.world.cells[cell],
            domain=Domain("location", 0, len(points), thread.name, labels),
            initial=(lowered.initial,),
        )
        spans: list[Span | None] = [None]
        spans.extend(span(p.frames[-1][0].source.file, p.park.node) for p in points)
        waits = tuple(i + 1 for i, p in enumerate(points) if p.park.may_wait)
        self.threads.append(Thread(thread.name, cell, 0, waits, tuple(spans)))

    # ------------------------------------------------------------ rules

    def rule(self, rule: language.Rule) -> None:
        source = self.world.sources.of(rule.body)
        text, indexes = values.pattern(tuple(rule.arguments.values()))
        form = "@m.rule(label, actor=actor, {name}=values) makes one action for each value"
        for function in (rule.body, rule.when):
            if function is not None:
                self.no_captured(function, form)
        decisions: list[int] | None = []
        merged: Memo = {}
        self.begin()
        here = Activation(self.world.code(rule.body), None)
        while decisions is not None:
            path = Path(self.world, decisions, merged=merged)
            end: PathEnd | None = None
            enabled = True
            leaving: list[tuple[list[Expr], Failure]] = []
            try:
                with path.bounded(source.node, here):
                    if rule.when is not None:
                        wanted = inspect.signature(rule.when).parameters
                        arguments = {k: v for k, v in rule.arguments.items() if k in wanted}
                        with path.condition_only():
                            condition = condition_of_lambda(path, rule.when, arguments)
                            if condition is None:
                                condition = condition_of(path, call(path, rule.when, [], arguments), rule.when)
                        enabled = path.decide(condition)
                    if enabled:
                        call(path, rule.body, [], dict(rule.arguments))
                        leaving = check_ranges(path)
            except PathEnd as e:
                end = e
            if enabled:
                at = span(source.file, source.node)
                self.actions.extend(
                    self.outcomes(
                        path,
                        end,
                        leaving,
                        actor=rule.actor,
                        label=rule.label,
                        span=at,
                        function=source.name,
                        kernel=source.kernel,
                        rule=rule.schedule,
                        voluntary=rule.voluntary,
                        fairness="none" if rule.voluntary else rule.fairness,
                        pattern=f"{rule.name}[{text}]",
                        indexes=indexes,
                    )
                )
            self.another(path, source.node, here)
            decisions = path.alternatives()

    def outcomes(
        self, path: Path, end: PathEnd | None, leaving: list[tuple[list[Expr], Failure]], **fields: Any
    ) -> list[Action]:
        """The action of a path, and one for each way in which it leaves a range."""
        found = []
        whole = path.guard
        location = fields.get("location")
        stays = None if location is None else (location[0], location[1], location[1])
        if whole[-1:] != [FALSE]:
            found.append(self.action(path, end, **fields))
        for guard, failure in leaving:
            path.guard = guard
            found.append(self.action(path, PathEnd(failure), **{**fields, "location": stays}))
        path.guard = whole
        lines = frozenset(path.lines)
        self.world.lines.update((id(action), (action, lines)) for action in found)
        return found

    def action(self, path: Path, end: PathEnd | None, **fields: Any) -> Action:
        """The action of one path. Refuses guards and real cells that read ghosts."""
        cells = self.world.cells
        guard = conj(*path.guard)
        updates = (
            ()
            if end is not None
            else tuple((cell, expr) for cell, expr in sorted(path.writes.items()) if not is_read_of(expr, cell))
        )
        for read in sorted(cells_read(guard)):
            if cells[read].ghost:
                raise LanguageError(
                    f"{cells[read].variable} is a ghost: only properties may read it, not a condition of the model",
                    place_of(path.ghosts.get(read, fields["span"])),
                )
        for cell, expr in updates:
            if not cells[cell].ghost:
                for read in sorted(cells_read(expr)):
                    if cells[read].ghost:
                        kept = "a local" if cells[cell].owner else cells[cell].variable
                        raise LanguageError(
                            f"{cells[read].variable} is a ghost: only properties may read it, but it decides what {kept} holds",
                            place_of(path.ghosts.get(read) or path.written.get(cell, fields["span"])),
                        )
        action = Action(
            guard=guard,
            updates=updates,
            location=fields.pop("location", None),
            branches=tuple(path.branches),
            passed=tuple(path.passed),
            choices=tuple(path.choices),
            calls=tuple(path.calls),
            **fields,
        )
        if end is None:
            return action
        if end.failure is None:
            assert end.at is not None
            return dataclasses.replace(action, outcome="blocked", failure=Failure("value", end.text, end.at))
        return dataclasses.replace(action, outcome="failure", failure=end.failure)

    # ------------------------------------------------------------ properties

    def property(self, given: ModelProperty) -> Property:
        results: list[tuple[Expr, Expr]] = []
        triggers: list[Expr] = []
        failures: list[tuple[Expr, Failure]] = []
        decisions: list[int] | None = []
        merged: Memo = {}
        source = self.world.sources.of(given.function)
        self.begin()
        here = Activation(self.world.code(given.function), None)
        self.no_captured(given.function, "give the lambda a copy, lambda {name}={name}: ...")
        while decisions is not None:
            path = Path(self.world, decisions, merged=merged)
            path.may_look_back = given.kind == "always_step"
            try:
                with path.bounded(source.node, here), path.condition_only():
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
            self.another(path, source.node, here)
            decisions = path.alternatives()
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
        changed = {cell for a in self.actions for cell, _ in a.updates} | {
            a.location[0] for a in self.actions if a.location
        }
        cells = tuple(dataclasses.replace(c, constant=i not in changed) for i, c in enumerate(self.world.cells))
        sizes = tuple(sorted((cls.__name__, n) for cls, n in self.world.sizes.items()))
        alike = tuple(map(interchangeable, self.model.interchangeable_values))
        return without_unread_ghosts(
            System(self.model.name, cells, tuple(self.actions), lowered, tuple(self.threads), (), sizes, alike)
        )


class ThreadLowering:
    """One attempt at a thread, with the sorts of its locals as known so far; `widened` names those that turned out larger."""

    def __init__(
        self,
        lowering: Lowering,
        thread: language.Thread,
        sorts: dict[tuple[Any, ...], Sort[Any]],
        mixed: set[tuple[Any, Any]],
    ) -> None:
        self.lowering, self.thread, self.sorts, self.mixed = lowering, thread, sorts, mixed
        self.static: set[tuple[Any, Any]] = set()
        self.world = lowering.world
        self.pc = self.world.finished[thread.name]
        self.points: list[ControlPoint] = []
        self.numbers: dict[tuple[Any, ...], int] = {}
        self.variables: dict[tuple[Any, ...], Variable] = {}
        self.names: set[str] = set()
        self.widened: set[str] = set()
        self.actions: list[Action] = []
        self.initial = 0

    def run(self) -> None:
        path = Path(self.world, [])
        path.stateless = True
        code = self.world.code(self.thread.function)
        try:
            inspect.signature(self.thread.function).bind(**self.thread.arguments)
        except TypeError as e:
            at = span(code.source.file, code.source.node)
            raise LanguageError(f"the thread {self.thread.name!r} can't be started: {e}", place_of(at)) from None
        stack = [path.enter(self.thread.function, [], dict(self.thread.arguments), None, None)]
        try:
            park = path.run(stack)
            self.declared_ranges(path, stack)
        except PathEnd as end:
            assert end.failure is not None
            text = end.failure.text
            if isinstance(end.failure.value, Constant):  # nothing depends on the state yet
                text = text.replace("{value}", str(end.failure.value.value))
            raise LanguageError(
                f"the thread {self.thread.name!r} fails before its first step: {text}",
                place_of(end.failure.span),
            ) from None
        self.world.begun |= path.lines
        self.initial = 0 if park is None else self.number(path, stack, park)
        for cell, expr in path.writes.items():  # of locals declared before the first step
            assert isinstance(expr, Constant)
            self.world.cells[cell] = dataclasses.replace(self.world.cells[cell], initial=(int(expr.value),))
        done = 0
        while done < len(self.points):
            self.expand(done + 1, self.points[done])
            done += 1

    def expand(self, number: int, point: ControlPoint) -> None:
        held = point.locals()
        self.lowering.begin()
        decisions: list[int] | None = []
        merged: Memo = {}
        saved: list[Saved] = []
        frames = [(code.source.name, code.source.kernel) for code, _, _, _ in point.frames]
        while decisions is not None:
            while saved and saved[-1].decided >= len(decisions):
                saved.pop()
            if saved:
                path, stack = saved[-1].path.copied(saved[-1].stack)
                path.decisions = decisions
            else:
                path = Path(self.world, decisions, merged=merged)
                stack = self.begun(path, number, point)
            top = stack[-1]
            end: PathEnd | None = None
            enabled, target = True, 0
            leaving: list[tuple[list[Expr], Failure]] = []
            try:
                with path.bounded(point.park.node, top):
                    if saved:
                        park = path.go_on(stack, saved)
                    else:
                        path.active = [(a.code, a.owner) for a in stack]
                        enabled = self.enabled(path, point, top)
                        if enabled:
                            path.active = []
                            top.pc += 1
                            park = path.run(stack, saved)
                    if enabled:
                        self.declared_ranges(path, stack)
                        kept: set[tuple[Any, ...]] = set()
                        if park is not None:
                            target = self.number(path, stack, park)
                            kept = self.points[target - 1].locals()
                        for key in sorted(held - kept, key=lambda k: self.variables[k].cells):
                            variable = self.variables[key]
                            blank = values.default(variable.sort, self.world.sizes)
                            path.writes.update(zip(variable.cells, blank, strict=True))
                        leaving = check_ranges(path)
            except PathEnd as e:
                end = e
            if enabled:
                path.guard = path.guard or [TRUE]
                self.actions.extend(
                    self.lowering.outcomes(
                        path,
                        end,
                        leaving,
                        actor=self.thread.name,
                        label=point.park.label,
                        thread=self.thread.name,
                        span=span(point.frames[-1][0].source.file, point.park.node),
                        location=(self.pc, number, target) if end is None else (self.pc, number, number),
                        function=frames[-1][0],
                        kernel=frames[-1][1],
                        stack=tuple(frames[1:]),
                        voluntary=point.park.voluntary,
                        may_wait=point.park.may_wait,
                        fairness=self.fairness(point.park),
                    )
                )
            here = Activation(point.frames[-1][0], None)
            self.lowering.another(path, point.park.node, here, len(self.actions))
            decisions = path.alternatives()

    def begun(self, path: Path, number: int, point: ControlPoint) -> list[Activation]:
        """The routines of the thread at the control point."""
        path.assume(eq(Read(self.pc, "int"), Constant(number)))
        stack = []
        for code, receiver, pc, env in point.frames:
            activation = Activation(code, receiver, pc)
            for name, value in env.items():
                activation.env[name] = path.read(self.variables[value.key]) if isinstance(value, LocalCell) else value
            stack.append(activation)
        return stack

    def enabled(self, path: Path, point: ControlPoint, top: Activation) -> bool:
        """Whether the path is one on which the step can be taken."""
        if point.park.when is None:
            return True
        assert isinstance(point.park.when, ast.Lambda)
        with path.condition_only():
            condition = path.condition(point.park.when.body, top)
        return path.decide(condition)

    def fairness(self, park: Park) -> str:
        """What a step demands: its thread's fairness, or its own where the thread has any."""
        if park.voluntary or self.thread.fairness == "none":
            return "none"
        return park.fairness or self.thread.fairness

    def declared_ranges(self, path: Path, stack: list[Activation]) -> None:
        """Locals declared with local(sort, init) are in their range when an action ends."""
        for activation in stack:
            for name in sorted(activation.env):
                sort = activation.env.get("." + name)
                if not isinstance(sort, Sort) or isinstance(activation.env[name], Sort):
                    continue
                value = activation.env[name]
                for limit in values.limits(sort, value, self.world.sizes, path.facts.bounds_given, name):
                    if not path.decide(limit.condition):
                        instruction = activation.code.instructions[max(activation.pc - 1, 0)]
                        node = activation.assigned.get(name, instruction.node)
                        raise PathEnd(
                            Failure(limit.kind, limit.text, span(activation.code.source.file, node), limit.value)
                        )

    def number(self, path: Path, stack: list[Activation], park: Park) -> int:
        """The number of the control point at which the path stands; writes the locals that live on into their cells."""
        frames: list[tuple[Code, Any, int, dict[str, Any]]] = []
        key: list[Any] = []
        stores: list[tuple[str, Variable, Any, Activation]] = []
        here = tuple((a.code, a.owner, a.pc) for a in stack)
        for depth, activation in enumerate(stack):
            code, pc = activation.code, activation.pc
            live = code.instructions[pc].live if depth == len(stack) - 1 else code.live_after_call(pc)
            env: dict[str, Any] = {}
            for name in sorted(live):
                if name not in activation.env:
                    continue
                value = activation.env[name]
                sort = activation.env.get("." + name)
                declared = sort if isinstance(sort, Sort) else None
                if declared is not None:
                    env["." + name] = declared
                local = (code, activation.owner, name)
                if declared is None and not self.in_cell(here, local, value, path):
                    env[name] = value
                    continue
                stores.append(
                    (name, self.local(local, code, activation, name, value, declared, path), value, activation)
                )
                env[name] = LocalCell(local)
            frames.append((code, activation.receiver, pc, env))
            key.append((code, activation.owner, pc, tuple((n, frozen(n, v, activation)) for n, v in env.items())))
        for name, variable, value, activation in stores:
            exprs = values.store(variable.sort, value, self.world.sizes, lambda c, m: None)
            for cell, expr in zip(variable.cells, exprs, strict=True):
                new = path.facts.simplify(expr)
                if not is_read_of(new, cell):
                    path.writes[cell] = new
                    node = activation.assigned.get(name, park.node)
                    path.written[cell] = span(activation.code.source.file, node)
        whole = tuple(key)
        if whole not in self.numbers:
            if len(self.points) >= MOST_CONTROL_POINTS:
                self.too_many()
            self.points.append(ControlPoint(frames, park))
            self.numbers[whole] = len(self.points)
        return self.numbers[whole]

    def in_cell(self, here: tuple[Any, ...], local: tuple[Any, ...], value: Any, path: Path) -> bool:
        """Whether a local is a cell at this place: where any path brings a symbolic value, static ones are stored too."""
        if symbolic(value):
            if (here, local) not in self.mixed and (here, local) in self.static:
                self.widened.add(local[2])  # static values came here before: start over
            self.mixed.add((here, local))
            return True
        if (here, local) in self.mixed:
            try:
                values.sort_of(value, path.facts.bounds_given)
                return True
            except Mismatch:
                return False
        self.static.add((here, local))
        return False

    def local(
        self,
        key: tuple[Any, ...],
        code: Code,
        activation: Activation,
        name: str,
        value: Any,
        declared: Sort[Any] | None,
        path: Path,
    ) -> Variable:
        function = code.source.name
        receiver = activation.receiver
        owner = f"{receiver.part_name}.{function}" if isinstance(receiver, Part) else function
        full = f"{self.thread.name}.{owner}.{name}"
        try:
            sort = declared if declared is not None else values.sort_of(value, path.facts.bounds_given)
            known = self.sorts.get(key)
            wanted = sort if known is None or declared is not None else values.join(known, sort)
        except Mismatch as m:
            at = span(code.source.file, code.instructions[activation.pc].node)
            raise LanguageError(f"the local {name} is needed after this step, but {m}", place_of(at)) from None
        if isinstance(wanted, RangeSort) and (wanted.hi - wanted.lo > 100_000):
            raise LanguageError(
                f"the local {name} grows from step to step, and its range can't be computed: declare it, "
                f"{name} = local(Range(lo, hi), init)",
                first_assignment(code, name),
            )
        if known is not None and repr(known) != repr(wanted):
            self.widened.add(full)
        self.sorts[key] = wanted
        if key not in self.variables:
            shown, n = full, 2
            while shown in self.names:
                shown, n = f"{full}~{n}", n + 1
            self.names.add(shown)
            first = len(self.world.cells)
            whose, indexes = named(self.thread)
            for leaf in values.leaves(wanted, self.world.sizes, absent=True):
                rest, more = leaf.named
                self.world.cells.append(
                    Cell(
                        shown + values.joined(leaf.path),
                        leaf.domain,
                        (values.blank(leaf.domain),),
                        shown,
                        leaf.path,
                        self.thread.name,
                        pattern=whose + shown[len(self.thread.name) :] + rest,
                        indexes=(*indexes, *more),
                        kinds=leaf.kinds,
                        usual=leaf.usual,
                    )
                )
            self.variables[key] = Variable(shown, wanted, list(range(first, len(self.world.cells))))
        variable = self.variables[key]
        if repr(variable.sort) != repr(wanted):
            # this round's cells are too narrow: widen what can be widened, the next round starts over
            self.widened.add(full)
            variable.sort = wanted
            first = len(self.world.cells)
            for leaf in values.leaves(wanted, self.world.sizes, absent=True):
                cell = Cell(f"{full}+", leaf.domain, (leaf.domain.lo,), full, leaf.path, self.thread.name)
                self.world.cells.append(cell)
            variable.cells = list(range(first, len(self.world.cells)))
        return variable

    def too_many(self) -> None:
        counts: dict[tuple[str, str], set[str]] = {}
        for point in self.points:
            for code, _, _, env in point.frames:
                for name, value in env.items():
                    if not isinstance(value, LocalCell):
                        counts.setdefault((code.source.name, name), set()).add(repr(value))
        (function, name), different = max(counts.items(), key=lambda item: (len(item[1]), item[0]))
        code = next(c for p in self.points for c, _, _, env in p.frames if c.source.name == function and name in env)
        raise LanguageError(
            f"the thread {self.thread.name} has more than {MOST_CONTROL_POINTS:,} control points, because the local {name} of "
            f"{function}() takes {len(different):,} values that are known before the run: keep it in a cell, "
            f"{name} = local(Range(lo, hi), init)",
            first_assignment(code, name),
        )


# ---------------------------------------------------------------- helpers


def named(thread: language.Thread) -> values.Named:
    """The thread's name with the atoms and enum members among its parameters left open, and these."""
    if not thread.arguments:
        return thread.name, ()
    text, indexes = values.pattern(tuple(thread.arguments.values()))
    return f"{thread.name.partition('[')[0]}[{text}]", indexes


def interchangeable(declared: language.Declared) -> Interchangeable:
    """Values declared interchangeable. Raises LanguageError for what can't be."""
    place = None if declared.site is None else place_in(*declared.site)
    kinds = {type(v) for v in declared.values}
    if len(kinds) != 1 or not issubclass(next(iter(kinds)), Enum) or len(set(declared.values)) < 2:
        raise LanguageError(
            "m.interchangeable takes two or more members of one Enum, not "
            f"{', '.join(map(called, declared.values)) or 'nothing'}: give actors and pages names of their own, "
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


def first_assignment(code: Code, name: str) -> Place:
    """Where a routine first assigns the local; its def for a parameter."""
    for node in ast.walk(code.source.node):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return place_of(span(code.source.file, node))
    return place_of(span(code.source.file, code.source.node))


def is_read_of(expr: Expr, cell: int) -> bool:
    return isinstance(expr, Read) and expr.cell == cell and not expr.before


def call(path: Path, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Run a plain routine on the path and return its value."""
    entered = path.enter(function, args, kwargs, None, None)
    path.run([entered])
    return path.returned


def condition_of_lambda(path: Path, function: Callable[..., Any], arguments: dict[str, Any]) -> Expr | None:
    """Whether Python takes the result of ``lambda: a or b`` for true: its operands need be of no common sort. None for others."""
    node = path.world.sources.of(function).node
    if not isinstance(node, ast.Lambda) or not isinstance(node.body, ast.BoolOp):
        return None
    entered = path.enter(function, [], arguments, None, None)
    return path.facts.simplify(path.condition(node.body, entered))


def condition_of(path: Path, value: Any, function: Callable[..., Any]) -> Expr:
    code = path.world.code(function)
    return path.facts.simplify(path.truth(value, code.source.node, Activation(code, None)))


def check_ranges(path: Path) -> list[tuple[list[Expr], Failure]]:
    """Every cell of a range sort is in its range when an action ends.

    Where one may not be, the path goes on only where it is; returned are the ways in which it is not: guard and failure. Where
    two leave their ranges at once, both are ways: no cell comes before another, so that symmetry can exchange them.
    """
    leaving: list[tuple[list[Expr], Failure]] = []
    taken = list(path.guard)
    inside_all: list[Expr] = []
    whole = {cell for variable, _ in path.exact.values() for cell in variable.cells}
    for cell in sorted({*path.writes, *path.exact}):
        limits: list[values.Limit] = []
        if cell in path.exact:
            variable, value = path.exact[cell]
            bounds = path.facts.bounds_given
            limits.extend(values.limits(variable.sort, value, path.world.sizes, bounds, variable.name))
        elif cell not in whole:
            limits.extend(limits_of_cell(path, cell))
        for limit in limits:
            inside = path.facts.simplify(limit.condition)
            if inside == TRUE:
                continue
            leaving.append(([*taken, neg(inside)], Failure(limit.kind, limit.text, path.written[cell], limit.value)))
            inside_all.append(inside)
    for inside in inside_all:
        if inside == FALSE:
            path.guard.append(FALSE)
            break
        path.assume(path.facts.simplify(inside))
    return leaving


def limits_of_cell(path: Path, cell: int) -> list[values.Limit]:
    domain = path.world.cells[cell].domain
    expr = path.writes[cell]
    if domain.kind != "range" or expr.type == "bool":
        return []
    lo, hi = path.facts.bounds(expr)
    if domain.lo <= lo and hi <= domain.top:
        return []
    inside = conj(le(Constant(domain.lo), expr), le(expr, Constant(domain.top)))
    text = values.leaving(path.world.cells[cell].name, domain.lo, domain.hi)
    return [values.Limit("range", inside, text, expr)]


def frozen(name: str, value: Any, activation: Activation) -> Any:
    """A hashable, type-exact key for a static value in a control point."""
    if isinstance(value, LocalCell):
        return ("cell", value.key)
    if isinstance(value, tuple):
        return ("tuple", tuple(frozen(name, v, activation) for v in value))
    if isinstance(value, Sort):
        return ("sort", repr(value))
    if isinstance(value, types.MethodType):
        return ("method", id(value.__self__), id(value.__func__))
    if isinstance(value, Part) or callable(value):
        return ("object", id(value))
    if isinstance(value, Bound):
        raise LanguageError(
            f"the local {name} holds a method of a record across a step: keep the record, and call the method after the step",
            place_of(span(activation.code.source.file, activation.code.instructions[activation.pc].node)),
        )
    try:
        hash(value)
    except TypeError:
        raise LanguageError(
            f"the local {name} holds {values.describe(value)} across a step, which may change: use a tuple or a frozenset",
            place_of(span(activation.code.source.file, activation.code.instructions[activation.pc].node)),
        ) from None
    return (type(value).__name__, value)


def unique_labels(labels: list[str]) -> tuple[str, ...]:
    """The labels, with #2, #3, ... where one repeats."""
    seen: dict[str, int] = {}
    out = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        out.append(label if seen[label] == 1 else f"{label}#{seen[label]}")
    return tuple(out)


__all__ = ["lower"]
