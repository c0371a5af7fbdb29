"""The coroutines under CPython: one run, step by step, with a concrete store and a scheduler.

Shares no code with the lowering: here Python itself executes the model. It replays counterexamples, and enumerates
everything that may happen next by running again from the start with every thread and every choice.
"""

from __future__ import annotations

import dis
import itertools
import sys
import types
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import ModelError, ScheduleError
from explorer.language import properties as kinds
from explorer.language import state as state_module
from explorer.language import steps
from explorer.language.model import Action, Model, Thread, opens_of
from explorer.language.properties import Property
from explorer.language.sorts import (
    Atom,
    AtomSort,
    BoolSort,
    EnumSort,
    OptionalSort,
    PairSort,
    RangeSort,
    RecordSort,
    ScalarsetSort,
    Sort,
    SubsetSort,
    UnionSort,
    show,
    state_text,
)
from explorer.language.state import NoRun
from explorer.language.steps import Parked, choice_names
from explorer.process import stop

Key = tuple[str, Any]


class Blocked(Exception):
    """A choose had nothing to choose from: the step has no successor this way."""


class Fault(Exception):
    """The step ends in the error state. `kind`: "assert", "range", "index" or "value"."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind, self.text = kind, text


@dataclass(frozen=True)
class Move:
    """One action as a schedule names it: the actor's text and the chosen values."""

    who: str
    choices: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.who + (":" + ",".join(f"{k}={v}" for k, v in self.choices) if self.choices else "")


@dataclass(frozen=True)
class Happened:
    """What a move leads to: the variables afterwards, or the fault (None: none)."""

    move: Move
    variables: dict[str, str]
    fault: Fault | None = None


@dataclass
class Actor:
    """A thread in a run: its coroutine and the step at which it is parked (None: finished)."""

    thread: Thread
    coroutine: Coroutine[Any, Any, None]
    parked: Parked | None = None


class Run:
    """One run of a model from an initial state. Close it when done: it is the model's current run while open.

    `constants`: values of the rules left open, by name.
    """

    def __init__(self, model: Model, constants: dict[str, Any] | None = None) -> None:
        model.built = True
        model.unchanging.check()
        self.model, self.constants = model, constants
        self.taken: list[Move] = []
        self.store: dict[Key, Any] = {}
        self.sorts: dict[str, Sort[Any]] = {}
        self.sizes = model.scalarset_sizes()
        self.written: set[Key] = set()
        self.started = False
        self.picks: list[int] = []
        self.named: list[tuple[str, str]] | None = None
        self.options: list[int] = []
        self.chosen: list[tuple[str, str]] = []
        self.locals: dict[tuple[types.CodeType, str], Sort[Any]] = {}
        self.before_store: dict[Key, Any] = {}
        self.actors: dict[str, Actor] = {}
        self.opened = [(o, (constants or {})[name]) for name, (_, o) in opens_of(model).items()]
        for part in model.parts.values():
            for name, declaration in part.part_state.items():
                full = f"{part.part_name}.{name}"
                self.sorts[full] = declaration.sort
                if declaration.index is None:
                    self.store[full, None] = declaration.init
                else:
                    for index in self.members(declaration.index):
                        self.store[full, index] = declaration.init(index)
        self.order = {key: at for at, key in enumerate(self.store)}
        model.run = self
        for opened, value in self.opened:
            opened.current = value
        with self.hooks():
            for thread in model.threads:
                actor = Actor(thread, thread.function(**thread.arguments))
                self.advance(actor)
                self.actors[thread.name] = actor
        self.started = True

    def close(self) -> None:
        previous = self.model.run
        self.model.run = self  # a coroutine parked inside async with releases its lock when it is closed
        for actor in self.actors.values():
            try:
                actor.coroutine.close()
            except Exception:
                pass
        self.model.run = NoRun() if previous is self else previous
        for opened, _ in self.opened:
            opened.current = None

    # ------------------------------------------------------------ what the language asks of a run

    def read(self, name: str, index: Any) -> Any:
        if not self.started:
            raise ModelError(f"{name} is state, and before a thread's first step no state is read, written or chosen")
        if (name, index) not in self.store:
            raise Fault("index" if index is not None else "value", f"{index!r} is not an index of {name}")
        return self.store[name, index]

    def write(self, name: str, index: Any, value: Any) -> None:
        self.read(name, index)
        self.store[name, index] = plain(self.sorts[name], value)
        self.written.add((name, index))

    def finished(self, thread: str) -> bool:
        return self.actors[thread].parked is None

    def choose(self, values: list[Any]) -> Any:
        if not self.started:
            raise ModelError("before a thread's first step no state is read, written or chosen")
        if not values:
            raise Blocked
        at = len(self.options)
        self.options.append(len(values))
        if self.named is not None:
            for value in values:
                names = choice_names(value)
                if self.named[: len(names)] == names:
                    del self.named[: len(names)]
                    self.chosen.extend(names)
                    return value
            offered = " | ".join(",".join(f"{k}={v}" for k, v in choice_names(value)) for value in values)
            raise ScheduleError(f"the choice {self.named[:1] or 'missing here'} does not fit; there was: {offered}")
        value = values[self.picks[at] if at < len(self.picks) else 0]
        self.chosen.extend(choice_names(value))
        return value

    @contextmanager
    def hooks(self) -> Iterator[None]:
        installed: list[tuple[ContextVar[Any], Any]] = [
            (steps.chooser, self.choose),
            (kinds.evaluate_before, self.evaluate_before),
            (state_module.on_local, self.on_local),
        ]
        tokens: list[tuple[ContextVar[Any], Token[Any]]] = [(v, v.set(value)) for v, value in installed]
        try:
            yield
        finally:
            for variable, token in tokens:
                variable.reset(token)

    def on_local(self, sort: Sort[Any]) -> None:
        frame = sys._getframe(2)  # the routine that called local()
        for instruction in dis.get_instructions(frame.f_code):
            if instruction.offset > frame.f_lasti and instruction.opname in ("STORE_FAST", "STORE_DEREF"):
                self.locals[frame.f_code, str(instruction.argval)] = sort
                return

    def evaluate_before(self, read: Callable[[], Any]) -> Any:
        now, self.store = self.store, self.before_store
        try:
            return read()
        finally:
            self.store = now

    # ------------------------------------------------------------ steps

    def advance(self, actor: Actor) -> None:
        try:
            actor.parked = actor.coroutine.send(None)
        except StopIteration:
            actor.parked = None

    def who(self) -> dict[str, Thread | Action]:
        """Everybody who may act, by the text a schedule uses."""
        everybody: dict[str, Thread | Action] = {t.name: t for t in self.model.threads}
        for action in self.model.actions:
            everybody[f"{action.actor}.{action.schedule}"] = action
        return everybody

    def enabled(self, who: str) -> bool:
        """True where the condition of the actor's next step holds. Raises Fault where it can't be evaluated."""
        target = self.who()[who]
        condition: Callable[..., Any] | None
        if isinstance(target, Thread):
            parked = self.actors[target.name].parked
            if parked is None:
                return False
            condition, arguments = parked.when, {}
        else:
            condition, arguments = target.when, target.arguments
        if condition is None:
            return True
        if isinstance(target, Action):
            wanted = condition.__code__.co_varnames[: condition.__code__.co_argcount]
            arguments = {k: v for k, v in arguments.items() if k in wanted}
        with self.hooks(), faults():
            return bool(condition(**arguments))

    def next_step(self, who: str) -> str | None:
        """The label of the actor's next step; None where it has finished."""
        target = self.who()[who]
        if isinstance(target, Action):
            return target.label
        parked = self.actors[target.name].parked
        return None if parked is None else parked.label

    def take(self, who: str, picks: list[int] | None = None, named: list[tuple[str, str]] | None = None) -> Move:
        """Let the actor take its step, choosing by number or by name.

        Raises Blocked where a choose is empty, Fault where the step ends in an error. The run is of no use after either.
        """
        stop.here()
        target = self.who()[who]
        self.picks, self.named = picks or [], named
        self.options, self.chosen, self.written = [], [], set()
        self.before_store = dict(self.store)
        with self.hooks(), faults():
            if isinstance(target, Thread):
                self.advance(self.actors[target.name])
            else:
                target.body(**target.arguments)
        for key in sorted(self.written, key=self.order.__getitem__):
            self.check_value(
                f"{key[0]}" + ("" if key[1] is None else f"[{state_text(key[1])}]"), self.sorts[key[0]], self.store[key]
            )
        self.check_locals()
        if self.named:
            raise ScheduleError(f"{who} made no choice named {self.named[0][0]}")
        self.taken.append(Move(who, tuple(self.chosen)))
        return self.taken[-1]

    def members(self, sort: Sort[Any]) -> list[Any]:
        if isinstance(sort, AtomSort):
            return [sort.cls(i) for i in range(self.sizes[sort.cls])]
        if isinstance(sort, PairSort):
            return [(x, y) for x in self.members(sort.a) for y in self.members(sort.b)]
        if isinstance(sort, OptionalSort):
            return [None, *self.members(sort.inner)]
        if isinstance(sort, RecordSort):
            rows = itertools.product(*map(self.members, sort.fields().values()))
            return [sort.make(dict(zip(sort.fields(), row, strict=True))) for row in rows]
        if isinstance(sort, UnionSort):
            return [value for of in sort.of for value in self.members(of)]
        if isinstance(sort, SubsetSort):
            whole = self.members(sort.of)
            return [frozenset(c) for n in range(len(whole) + 1) for c in itertools.combinations(whole, n)]
        return list(sort.values())

    def check_value(self, name: str, sort: Sort[Any], value: Any) -> None:
        if isinstance(sort, RangeSort) and isinstance(value, int) and not sort.lo <= value <= sort.hi:
            raise Fault("range", f"{name} leaves its range {sort.lo}..{sort.hi}")
        if isinstance(sort, OptionalSort):
            if value is not None:
                self.check_value(name, sort.inner, value)
        elif isinstance(sort, RecordSort) and isinstance(value, sort.cls):
            for attribute, of in sort.fields().items():
                self.check_value(f"{name}.{attribute}", of, getattr(value, attribute))
            for attribute, always in sort.always().items():
                if getattr(value, attribute) != always:
                    raise Fault("value", f"{name}.{attribute} is not {show(always)}: {sort!r}")
        elif isinstance(sort, UnionSort) and type(value) in sort.classes:
            self.check_value(name, sort.of[sort.classes.index(type(value))], value)
        elif isinstance(sort, PairSort) and isinstance(value, tuple) and len(value) == 2:
            self.check_value(name, sort.a, value[0])
            self.check_value(name, sort.b, value[1])
        elif isinstance(sort, SubsetSort) and isinstance(value, frozenset | set):
            for member in value:
                if member not in self.members(sort.of):
                    raise Fault("value", f"{name}: {state_text(member)} is not a value of the sort {sort.of!r}")
        elif not self.fits(sort, value):
            raise Fault("value", f"{name}: {value!r} is not a value of the sort {sort!r}")

    def fits(self, sort: Sort[Any], value: Any) -> bool:
        if isinstance(sort, BoolSort):
            return isinstance(value, bool)
        if isinstance(sort, RangeSort):
            return isinstance(value, int)
        if isinstance(sort, EnumSort):
            return isinstance(value, sort.cls)
        if isinstance(sort, ScalarsetSort | AtomSort):
            return isinstance(value, sort.cls) and isinstance(value, Atom) and value._index < self.sizes[sort.cls]
        return False

    def check_locals(self) -> None:
        """Locals declared with local(sort, init) are in their range when an action ends."""
        for actor in self.actors.values():
            at: Any = actor.coroutine
            while at is not None and getattr(at, "cr_frame", None) is not None:
                for (code, name), sort in self.locals.items():
                    if code is at.cr_frame.f_code and name in at.cr_frame.f_locals:
                        self.check_value(name, sort, at.cr_frame.f_locals[name])
                at = at.cr_await

    # ------------------------------------------------------------ looking

    def variables(self) -> dict[str, str]:
        """Every declared variable and its value, as text."""
        return {
            name
            if index is None
            else f"{name}[{','.join(map(state_text, index)) if isinstance(index, tuple) else state_text(index)}]": state_text(
                value, self.sorts[name]
            )
            for (name, index), value in self.store.items()
        }

    def holds(self, given: Property) -> bool:
        """Whether a property's condition is true now. Raises Fault where it can't be evaluated."""
        with self.hooks(), faults():
            return given.holds()

    def holds_trigger(self, given: Property) -> bool:
        """Whether a `leads_to` property asks now for what must follow. Raises Fault where it can't be evaluated."""
        with self.hooks(), faults():
            return given.triggers()

    def at_rest(self) -> bool:
        """True where every thread is finished or parked at a step that may wait for ever."""
        return all(a.parked is None or a.parked.may_wait for a in self.actors.values())


def plain(sort: Sort[Any], value: Any) -> Any:
    """The value as the sort holds it: a bool stored as an integer is that integer."""
    if isinstance(sort, RangeSort) and isinstance(value, bool):
        return int(value)
    if isinstance(sort, OptionalSort):
        return plain(sort.inner, value)
    if isinstance(sort, RecordSort) and isinstance(value, sort.cls):
        given = {name: plain(of, getattr(value, name)) for name, of in sort.fields().items()}
        return sort.cls(**{**vars(value), **given})
    if isinstance(sort, UnionSort) and type(value) in sort.classes:
        return plain(sort.of[sort.classes.index(type(value))], value)
    if isinstance(sort, PairSort) and isinstance(value, tuple) and len(value) == 2:
        return plain(sort.a, value[0]), plain(sort.b, value[1])
    if isinstance(sort, SubsetSort) and isinstance(value, frozenset):
        return frozenset(plain(sort.of, member) for member in value)
    return value


@contextmanager
def faults() -> Iterator[None]:
    """Turn what Python raises inside a step into a Fault."""
    try:
        yield
    except (Fault, Blocked, ModelError, ScheduleError):
        raise
    except AssertionError as e:
        raise Fault("assert", str(e)) from e
    except (KeyError, IndexError) as e:  # of a mapping, of a tuple
        raise Fault("index", f"{type(e).__name__}: {e}") from e
    except (AttributeError, TypeError, ValueError, ZeroDivisionError) as e:
        raise Fault("value", f"{type(e).__name__}: {e}") from e


@dataclass
class Enumeration:
    """Everything that may happen after a prefix: each move with the variables afterwards.

    `deadlocked`: nothing may happen, and some thread neither is finished nor may wait for ever.
    """

    variables: dict[str, str]
    happened: list[Happened] = field(default_factory=list)
    deadlocked: bool = False


def enumerate_moves(model: Model, prefix: list[Move], constants: dict[str, Any] | None = None) -> Enumeration:
    """Run the prefix, then every thread and action with every choice, each in a run of its own from the start."""

    def fresh() -> Run:
        run = Run(model, constants)
        for move in prefix:
            run.take(move.who, named=list(move.choices))
        return run

    run = fresh()
    result = Enumeration(run.variables())
    ready: list[str] = []
    for who in run.who():
        try:
            if run.enabled(who):
                ready.append(who)
        except Fault as fault:
            result.happened.append(Happened(Move(who), result.variables, fault))
    resting = run.at_rest()
    run.close()
    for who in ready:
        picks: list[int] | None = []
        while picks is not None:
            run = fresh()
            try:
                move = run.take(who, picks)
                result.happened.append(Happened(move, run.variables()))
            except Blocked:
                pass
            except Fault as fault:
                result.happened.append(Happened(Move(who, tuple(run.chosen)), result.variables, fault))
            options = run.options
            run.close()
            taken = [picks[i] if i < len(picks) else 0 for i in range(len(options))]
            picks = None
            for at in range(len(options) - 1, -1, -1):
                if taken[at] + 1 < options[at]:
                    picks = [*taken[:at], taken[at] + 1]
                    break
    result.deadlocked = not result.happened and not resting
    return result
