"""The same model twice: the evaluator's search of its System, and CPython running its coroutines. They must agree.

`compare_counts(model)` holds what the search counts to what `enumeration.py` counts with CPython alone.

`compare(model)` walks the System breadth first. At every state it asks the witness, along the shortest schedule, for
everything that may happen next; the two lists must be equal: schedule texts with their choices, how often each occurs, the
variables afterwards, the kind of a fault, deadlock, and the properties (not how many cells a step
leaves out of range). A state that is met again over another schedule is
asked about once more along that one, so a lowering that confuses two states shows.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from explorer.answer.counterexample import assert_place, open_values, schedule_text
from explorer.errors.blame import place_of_error
from explorer.language.model import Model, opens_of
from explorer.lowering import lower
from explorer.search.outcome import Bounds, Task
from explorer.search.reference import ASSERTIONS, DEADLOCK, search
from explorer.system.form import Action, System
from explorer.system.semantics import Semantics, State, predicate
from explorer.system.states import variables
from explorer.system.wellformed import check
from explorer.witness.run import Fault, Move, Run, enumerate_moves
from tests.support.enumeration import Counted, count

Variables = tuple[tuple[str, str], ...]
Result = tuple[str, str, Variables]  # schedule text, kind of fault ("" for none), the variables afterwards


class Disagreement(AssertionError):
    """The System and CPython differ, or the System is not well formed."""


@dataclass(frozen=True)
class Compared:
    """How much was compared: states, transitions out of them, states asked about again, faults, deadlocks, initial states."""

    states: int = 0
    transitions: int = 0
    crossings: int = 0
    faults: int = 0
    deadlocks: int = 0
    initial: int = 0


def compare(model: Model, *, states: int = 400, crossings: int = 400, system: System | None = None) -> Compared:
    """Compare at most so many states, and as many more that are reached again over another schedule.

    Raises Disagreement with the schedule at which the two differ. `system`: one already lowered from the model.
    """
    return Comparison(model, lower(model) if system is None else system, states, crossings).run()


def compare_counts(model: Model, *, most: int = 60, system: System | None = None) -> bool:
    """Compare states, transitions, depth and the depths of the first deadlock and failed assertion with CPython's.

    Gives False, and compares nothing, where there are more states than `most` or a step ends in an error of the model.
    """
    system = lower(model) if system is None else system
    outcome = search(Task(system, Bounds(states=most)))
    if not outcome.complete:
        return False
    rules = opens_of(model)
    constants = [
        dict(zip(rules, row, strict=True)) for row in itertools.product(*(r.values for _, r in rules.values()))
    ]
    known = {cell.variable for cell in system.cells}
    theirs = count(model, constants, 4 * most, lambda variable: variable not in known)
    first = {name: outcome.depths[name] for name in (DEADLOCK, ASSERTIONS) if name in outcome.depths}
    ours = Counted(outcome.states, outcome.transitions, outcome.depth, first)
    if ours != theirs:
        raise Disagreement(f"the search counts {ours}, CPython {theirs}")
    return True


class Comparison:
    def __init__(self, model: Model, system: System, states: int, crossings: int) -> None:
        self.model, self.system = model, system
        self.states, self.crossings = states, crossings
        self.semantics = Semantics(system)
        conditions = [p.holds for p in system.properties] + [p.trigger for p in system.properties]
        conditions += [e for p in system.properties for e, _ in p.undefined]
        self.values = predicate(conditions)
        self.claims = {p.name: p for p in model.properties}
        self.counts: Counter[str] = Counter()

    def run(self) -> Compared:
        check(self.system)
        self.initial_states()
        prefixes: dict[State, tuple[State, tuple[Move, ...]]] = {}
        waiting: deque[tuple[State, State, State, tuple[Move, ...]]] = deque()  # state, one before, first, schedule
        for state in dict.fromkeys(self.semantics.initial):
            prefixes[state] = (state, ())
            waiting.append((state, state, state, ()))
        again: list[tuple[State, State, State, tuple[Move, ...]]] = []
        compared = 0
        while waiting and compared < self.states:
            state, before, first, schedule = waiting.popleft()
            compared += 1
            for action, target in self.at(state, before, first, schedule):
                if target is None:
                    continue
                entry = (target, state, first, (*schedule, move_of(action)))
                if target in prefixes:
                    again.append(entry)
                else:
                    prefixes[target] = (first, entry[3])
                    waiting.append(entry)
        for entry in spread(again, self.crossings):
            self.counts["crossings"] += 1
            state, before, first, schedule = entry
            self.at(state, before, first, schedule, count=False)
        return Compared(
            compared, self.counts["transitions"], self.counts["crossings"], self.counts["faults"],
            self.counts["deadlocks"], len(self.semantics.initial),
        )  # fmt: skip

    def initial_states(self) -> None:
        """One initial state for each valuation of the rules left open, no more and no less."""
        found = opens_of(self.model)
        expected = Counter(
            tuple(map(repr, row)) for row in itertools.product(*(rule.values for _, rule in found.values()))
        )
        given = Counter(
            tuple(repr(v) for v in open_values(self.system, s, self.model).values()) for s in self.semantics.initial
        )
        if expected != given:
            raise Disagreement(f"initial states: {dict(given)}, expected {dict(expected)}")

    def at(
        self, state: State, before: State, first: State, schedule: tuple[Move, ...], count: bool = True
    ) -> list[tuple[Action, State | None]]:
        """Compare everything in one state; gives the System's transitions out of it."""
        constants = open_values(self.system, first, self.model)
        where = "/".join(map(str, schedule)) or "the initial state"
        if constants:
            where += f" with {constants}"
        try:
            theirs = enumerate_moves(self.model, list(schedule), constants)
        except Exception as e:
            raise Disagreement(f"after {where}: CPython can't follow the schedule: {type(e).__name__}: {e}") from e
        ours = self.shown(state)
        self.equal(f"after {where}: the variables", dict(ours), self.only_shown(theirs.variables, ours))
        found: list[tuple[Action, State | None]] = []
        mine: Counter[Result] = Counter()
        for index, target in self.semantics.successors(state):
            action = self.system.actions[index]
            if action.outcome == "blocked":
                continue
            found.append((action, target))
            kind: str = "" if action.failure is None else action.failure.kind
            if action.failure is not None and kind == "assert":  # which one
                kind += f" {action.failure.span.line}:{action.failure.span.column}"
            mine[schedule_text(action), kind, ours if target is None else self.shown(target)] += 1
        given: Counter[Result] = Counter()
        for happened in theirs.happened:
            shown = tuple(self.only_shown(happened.variables, ours).items())
            kind = "" if happened.fault is None else happened.fault.kind
            if happened.fault is not None and kind == "assert":
                at = place_of_error(happened.fault.__cause__ or happened.fault)
                kind += "" if at is None else " {1}:{2}".format(*assert_place(at))
            given[str(happened.move), kind, shown] += 1
        for results in (mine, given):  # each cell out of range is a failing action; CPython tells of the first one
            results.update({r: 1 - n for r, n in results.items() if r[1] == "range"})
        if mine != given:
            raise Disagreement(f"after {where}: {difference(mine, given)}")
        dead = not found and not self.at_rest(state)
        if dead != theirs.deadlocked:
            raise Disagreement(f"after {where}: deadlock is {dead} in the System, {theirs.deadlocked} under CPython")
        self.properties(state, before, schedule, constants, where)
        if count:
            self.counts["transitions"] += len(found)
            self.counts["faults"] += sum(t is None for _, t in found)
            self.counts["deadlocks"] += dead
        return found

    def shown(self, state: State) -> Variables:
        constants = {f"{owner}.{name}" for name, (owner, _) in opens_of(self.model).items()}
        return tuple((k, v) for k, v in variables(self.system, state).items() if k not in constants)

    def only_shown(self, theirs: dict[str, str], ours: Variables) -> dict[str, str]:
        """The witness's variables in the System's order. A ghost that no property reads is not in the System."""
        known = {c.variable for c in self.system.cells}
        ghosts = {
            f"{part.part_name}.{name}"
            for part in self.model.parts.values()
            for name, declaration in part.part_state.items()
            if declaration.ghost
        }
        missing = [name for name in theirs if name not in known and name.split("[")[0] not in ghosts]
        if missing:
            raise Disagreement(f"the System does not have {', '.join(missing)}")
        return {name: theirs.get(name, "(CPython does not have it)") for name, _ in ours}

    def at_rest(self, state: State) -> bool:
        return all(state[t.cell] == t.finished or state[t.cell] in t.may_wait for t in self.system.threads)

    def properties(
        self, state: State, before: State, schedule: tuple[Move, ...], constants: dict[str, Any], where: str
    ) -> None:
        if not self.system.properties:
            return
        values = iter(self.values(state, before))
        holds = [next(values) for _ in self.system.properties]
        triggers = [next(values) for _ in self.system.properties]
        run = Run(self.model, constants)
        try:
            for move in schedule:
                run.take(move.who, named=list(move.choices))
            for prop, value, trigger in zip(self.system.properties, holds, triggers, strict=True):
                undefined = any([next(values) for _ in prop.undefined])
                if prop.kind == "always_step" and not schedule:
                    continue
                try:
                    theirs: object = run.holds(self.claims[prop.name])
                except Fault as fault:
                    theirs = f"can't be evaluated: {fault}"
                if prop.kind == "leads_to" and not undefined and run.holds_trigger(self.claims[prop.name]) != trigger:
                    raise Disagreement(f"after {where}: the trigger of {prop.name} is {trigger} in the System only")
                if isinstance(theirs, str) != undefined or not undefined and theirs != value:
                    ours = "can't be evaluated" if undefined else value
                    raise Disagreement(f"after {where}: {prop.name} is {ours} in the System, {theirs} under CPython")
        finally:
            run.close()

    def equal(self, what: str, ours: dict[str, str], theirs: dict[str, str]) -> None:
        for name, value in ours.items():
            if theirs[name] != value:
                raise Disagreement(f"{what}: {name} is {value} in the System, {theirs[name]} under CPython")


def move_of(action: Action) -> Move:
    return Move(f"{action.actor}.{action.name}" if action.name else action.actor, action.choices)


def spread(entries: list[Any], most: int) -> list[Any]:
    """At most so many of them, evenly spread."""
    if len(entries) <= most:
        return entries
    return [entries[i * len(entries) // most] for i in range(most)]


def difference(ours: Counter[Result], theirs: Counter[Result]) -> str:
    def text(only: Counter[Result], other: Counter[Result]) -> str:
        parts = []
        for (move, kind, after), n in sorted(only.items()):
            near = next((v for m, k, v in other if m == move), None)
            changed = after if near is None else tuple(p for p in after if p not in near)
            shown = ", ".join(f"{k}={v}" for k, v in changed)
            parts.append(f"{n} x {move}{f' ({kind})' if kind else ''} giving {shown}")
        return "; ".join(parts) or "nothing"

    left, right = ours - theirs, theirs - ours
    return f"only in the System: {text(left, right)}. Only under CPython: {text(right, left)}"
