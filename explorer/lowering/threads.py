"""A thread as actions: from each control point, where it is parked, to the next."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import types
from dataclasses import dataclass
from typing import Any, NamedTuple

from explorer.errors import LanguageError, Place
from explorer.language import model as language
from explorer.language.model import Part
from explorer.language.sorts import RangeSort, Sort
from explorer.lowering import layout, values
from explorer.lowering.actions import Actions, check_ranges, is_read_of
from explorer.lowering.code import Code
from explorer.lowering.machine import Machine, Saved
from explorer.lowering.path import IN_A_CONDITION, Activation, Bound, Memo, Park, PathEnd, Variable
from explorer.lowering.source import place_of, span
from explorer.lowering.values import Maybe, Mismatch, symbolic
from explorer.system.expressions import eq
from explorer.system.form import (
    FALSE,
    TRUE,
    Action,
    Cell,
    Constant,
    Domain,
    Expr,
    Failure,
    Read,
    Span,
    Thread,
)

MOST_CONTROL_POINTS = 10_000
MOST_ROUNDS = 40  # of widening the sorts of locals


class LocalKey(NamedTuple):
    """A local of a routine. `owner`: tells the routines of different parts apart."""

    code: Code
    owner: int
    name: str


class Position(NamedTuple):
    """Where one routine in progress stands: before its instruction `pc`."""

    code: Code
    owner: int
    pc: int


class Frame(NamedTuple):
    """A routine in progress at a control point, with its live names: values that are known before the run, and `LocalCell`."""

    code: Code
    receiver: Any
    pc: int
    env: dict[str, Any]


Stack = tuple[Position, ...]  # the routines in progress, outermost first


@dataclass(frozen=True)
class LocalCell:
    """Stands in a control point for a local that lives in a cell."""

    key: LocalKey


@dataclass
class ControlPoint:
    """Where a thread is parked: the routines in progress, outermost first."""

    frames: list[Frame]
    park: Park

    def locals(self) -> set[LocalKey]:
        return {v.key for frame in self.frames for v in frame.env.values() if isinstance(v, LocalCell)}


def lower_thread(actions: Actions, thread: language.Thread) -> Thread:
    """Adds the thread's actions and the cells of its locals."""
    world = actions.world
    base = len(world.cells)
    sorts: dict[LocalKey, Sort[Any]] = {}
    mixed: set[tuple[Stack, LocalKey]] = set()
    for _ in range(MOST_ROUNDS):
        del world.cells[base:]
        lowered = ThreadLowering(actions, thread, sorts, mixed)
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
    actions.actions.extend(lowered.actions)
    points = lowered.points
    labels = unique_labels(["finished", *(p.park.label for p in points)])
    cell = world.finished[thread.name]
    world.cells[cell] = dataclasses.replace(
        world.cells[cell],
        domain=Domain("location", 0, len(points), thread.name, labels),
        initial=(lowered.initial,),
    )
    spans: list[Span | None] = [None]
    spans.extend(span(p.frames[-1][0].source.file, p.park.node) for p in points)
    waits = tuple(i + 1 for i, p in enumerate(points) if p.park.may_wait)
    return Thread(thread.name, cell, 0, waits, tuple(spans))


class ThreadLowering:
    """One attempt at a thread, with the sorts of its locals as known so far; `widened` names those that turned out larger."""

    def __init__(
        self,
        actions: Actions,
        thread: language.Thread,
        sorts: dict[LocalKey, Sort[Any]],
        mixed: set[tuple[Stack, LocalKey]],
    ) -> None:
        self.all, self.thread, self.sorts, self.mixed = actions, thread, sorts, mixed
        self.static: set[tuple[Stack, LocalKey]] = set()
        self.world = actions.world
        self.pc = self.world.finished[thread.name]
        self.points: list[ControlPoint] = []
        self.numbers: dict[tuple[Any, ...], int] = {}
        self.variables: dict[LocalKey, Variable] = {}
        self.names: set[str] = set()
        self.widened: set[str] = set()
        self.actions: list[Action] = []
        self.initial = 0

    def run(self) -> None:
        path = Machine(self.world, [])
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
        self.all.begin()
        decisions: list[int] | None = []
        merged: Memo = {}
        saved: list[Saved] = []
        frames = [(code.source.name, code.source.kernel) for code, _, _, _ in point.frames]
        while decisions is not None:
            while saved and saved[-1].decided >= len(decisions):
                saved.pop()
            if saved:
                path, stack = saved[-1].path.copy_with(saved[-1].stack)
                path.decisions = decisions
            else:
                path = Machine(self.world, decisions, merged=merged)
                stack = self.routines_at(path, number, point)
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
                        kept: set[LocalKey] = set()
                        if park is not None:
                            target = self.number(path, stack, park)
                            kept = self.points[target - 1].locals()
                        for key in sorted(held - kept, key=lambda k: self.variables[k].cells):
                            variable = self.variables[key]
                            blank = layout.default(variable.sort, self.world.sizes)
                            path.writes.update(zip(variable.cells, blank, strict=True))
                        leaving = check_ranges(path)
            except PathEnd as e:
                end = e
            if enabled:
                path.guard = path.guard or [TRUE]
                self.actions.extend(
                    self.all.outcomes(
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
            self.all.another(path, point.park.node, here, len(self.actions))
            decisions = path.alternatives()

    def routines_at(self, path: Machine, number: int, point: ControlPoint) -> list[Activation]:
        """The routines of the thread at the control point."""
        path.assume(eq(Read(self.pc, "int"), Constant(number)))
        stack = []
        for code, receiver, pc, env in point.frames:
            activation = Activation(code, receiver, pc)
            for name, value in env.items():
                activation.env[name] = path.read(self.variables[value.key]) if isinstance(value, LocalCell) else value
            stack.append(activation)
        return stack

    def enabled(self, path: Machine, point: ControlPoint, top: Activation) -> bool:
        """Whether the path is one on which the step can be taken."""
        if point.park.when is None:
            return True
        assert isinstance(point.park.when, ast.Lambda)
        with path.pure_only(IN_A_CONDITION):
            condition = path.condition(point.park.when.body, top)
        return path.decide(condition)

    def fairness(self, park: Park) -> str:
        """What a step demands: its thread's fairness, or its own where the thread has any."""
        if park.voluntary or self.thread.fairness == "none":
            return "none"
        return park.fairness or self.thread.fairness

    def declared_ranges(self, path: Machine, stack: list[Activation]) -> None:
        """Locals declared with local(sort, init) are in their range when an action ends."""
        for activation in stack:
            for name in sorted(activation.env):
                sort = activation.env.get("." + name)
                if not isinstance(sort, Sort) or isinstance(activation.env[name], Sort):
                    continue
                value = activation.env[name]
                for limit in layout.limits(sort, value, self.world.sizes, path.facts.bounds_given, name):
                    if not path.decide(limit.condition):
                        instruction = activation.code.instructions[max(activation.pc - 1, 0)]
                        node = activation.assigned.get(name, instruction.node)
                        raise PathEnd(
                            Failure(limit.kind, limit.text, span(activation.code.source.file, node), limit.value)
                        )

    def number(self, path: Machine, stack: list[Activation], park: Park) -> int:
        """The number of the control point at which the path stands; writes the locals that live on into their cells."""
        frames: list[Frame] = []
        key: list[Any] = []
        stores: list[tuple[str, Variable, Any, Activation]] = []
        here = tuple(Position(a.code, a.owner, a.pc) for a in stack)
        for depth, activation in enumerate(stack):
            code, pc = activation.code, activation.pc
            live = code.instructions[pc].live if depth == len(stack) - 1 else code.live_after_call(pc)
            env: dict[str, Any] = {}
            for name in sorted(live):
                if name not in activation.env:
                    continue
                value = settled_value(activation.env[name], path)
                sort = activation.env.get("." + name)
                declared = sort if isinstance(sort, Sort) else None
                if declared is not None:
                    env["." + name] = declared
                local = LocalKey(code, activation.owner, name)
                if declared is None and not self.in_cell(here, local, value, path):
                    env[name] = value
                    continue
                stores.append(
                    (name, self.local(local, code, activation, name, value, declared, path), value, activation)
                )
                env[name] = LocalCell(local)
            frames.append(Frame(code, activation.receiver, pc, env))
            key.append((code, activation.owner, pc, tuple((n, frozen(n, v, activation)) for n, v in env.items())))
        for name, variable, value, activation in stores:
            exprs = layout.store(variable.sort, value, self.world.sizes, lambda c, m: None)
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

    def in_cell(self, here: Stack, local: LocalKey, value: Any, path: Machine) -> bool:
        """Whether a local is a cell at this place: where any path brings a symbolic value, static ones are stored too."""
        if symbolic(value):
            if (here, local) not in self.mixed and (here, local) in self.static:
                self.widened.add(local.name)  # static values came here before: start over
            self.mixed.add((here, local))
            return True
        if (here, local) in self.mixed:
            try:
                layout.sort_of(value, path.facts.bounds_given)
                return True
            except Mismatch:
                return False
        self.static.add((here, local))
        return False

    def local(
        self,
        key: LocalKey,
        code: Code,
        activation: Activation,
        name: str,
        value: Any,
        declared: Sort[Any] | None,
        path: Machine,
    ) -> Variable:
        function = code.source.name
        receiver = activation.receiver
        owner = f"{receiver.part_name}.{function}" if isinstance(receiver, Part) else function
        full = f"{self.thread.name}.{owner}.{name}"
        try:
            sort = declared if declared is not None else layout.sort_of(value, path.facts.bounds_given)
            known = self.sorts.get(key)
            wanted = sort if known is None or declared is not None else layout.join(known, sort)
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
            whose, indexes = name_of_thread(self.thread)
            for leaf in layout.leaves(wanted, self.world.sizes, absent=True):
                rest, more = leaf.named
                self.world.cells.append(
                    Cell(
                        shown + layout.joined_name(leaf.path),
                        leaf.domain,
                        (layout.blank(leaf.domain),),
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
            for leaf in layout.leaves(wanted, self.world.sizes, absent=True):
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


def name_of_thread(thread: language.Thread) -> layout.Named:
    """The thread's name with the atoms and enum members among its parameters left open, and these."""
    if not thread.arguments:
        return thread.name, ()
    text, indexes = layout.pattern(tuple(thread.arguments.values()))
    return f"{thread.name.partition('[')[0]}[{text}]", indexes


def settled_value(value: Any, path: Machine) -> Any:
    """The value with None for what may be None and, as the path knows, is."""
    if type(value) is tuple:
        return tuple(settled_value(v, path) for v in value) if symbolic(value) else value
    if isinstance(value, Maybe) and path.facts.simplify(value.present) == FALSE:
        return None
    return value


def first_assignment(code: Code, name: str) -> Place:
    """Where a routine first assigns the local; its def for a parameter."""
    for node in ast.walk(code.source.node):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return place_of(span(code.source.file, node))
    return place_of(span(code.source.file, code.source.node))


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
