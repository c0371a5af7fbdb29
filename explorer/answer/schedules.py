"""A schedule run for all settings of a model's rules at once: in which of them it is possible, and ends as badly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from explorer.answer.counterexample import schedule_text
from explorer.reduction.family import open_cells
from explorer.search.outcome import Execution
from explorer.search.reference import DEADLOCK
from explorer.system.expressions import cells_read, conj, disj, eq, iff, neg, rebuild
from explorer.system.form import FALSE, TRUE, Action, Apply, Constant, Expr, Read, System
from explorer.system.semantics import State, evaluate

Key: TypeAlias = tuple[State, State]  # a state, and the one before it


@dataclass(frozen=True)
class Move:
    """A step as a schedule writes it, whichever system it is taken in; and how it ends: "step", or the kind of failure."""

    text: str
    end: tuple[str, bool]

    @staticmethod
    def of(action: Action) -> Move:
        """The move that the action is."""
        return Move(
            schedule_text(action), (action.outcome, action.failure is not None and action.failure.kind == "assert")
        )


@dataclass(frozen=True)
class Moves:
    """`moves` in their order. `fails`: the last has no successor."""

    moves: tuple[Move, ...]
    fails: bool

    @staticmethod
    def of(system: System, path: Execution) -> Moves:
        """What the run does."""
        return Moves(tuple(Move.of(system.actions[i]) for i in path.actions), len(path.states) == len(path.actions))


class Schedule:
    """The states that the moves may lead to in a system, each with what its rules left open must be for it.

    A move is any of the actions that a schedule writes in the same way.
    """

    def __init__(self, system: System, moves: Moves) -> None:
        self.system, self.moves = system, moves
        self.rules = open_cells(system)
        self.by_move: dict[Move, list[int]] = {}
        for index, action in enumerate(system.actions):
            self.by_move.setdefault(Move.of(action), []).append(index)
        first = [c.initial[:1] if i in self.rules else c.initial for i, c in enumerate(system.cells)]
        # after each move: where it may be -> the condition, and how it came there
        self.levels: list[dict[Key, Expr]] = [{(s, s): TRUE for s in itertools.product(*first)}]
        self.came: list[dict[Key, tuple[Key, int]]] = []
        for number, move in enumerate(moves.moves, 1):
            self.take(move, moves.fails and number == len(moves.moves))

    def take(self, move: Move, last: bool) -> None:
        """One more move; `last`: without a successor."""
        made: dict[Key, Expr] = {}
        came: dict[Key, tuple[Key, int]] = {}
        for (state, before), condition in self.levels[-1].items():
            for index in self.by_move.get(move, ()):
                action = self.system.actions[index]
                if not begins(action, state):
                    continue
                guard = conj(condition, self.put(action.guard, state))
                if guard == FALSE:
                    continue
                for after, under in [(state, TRUE)] if last else self.after(action, state):
                    there = conj(guard, under)
                    if there != FALSE:
                        key = (after, state)
                        made[key] = disj(made.get(key, FALSE), there)
                        came.setdefault(key, ((state, before), index))
        self.levels.append(made)
        self.came.append(came)

    def violates(self, name: str) -> Expr:
        """What the rules must be so that the schedule is possible and its end violates the property, or is an error."""
        return disj(*self.ends(name).values())

    def ends(self, name: str) -> dict[Key, Expr]:
        """Where it may end badly, with the condition."""
        if self.moves.fails:
            return self.levels[-1]
        found = {key: conj(c, self.end(name, *key)) for key, c in self.levels[-1].items()}
        return {key: c for key, c in found.items() if c != FALSE}

    def path(self, name: str) -> Execution | None:
        """The run, of a system without open rules; None where it is not possible or does not end badly."""
        assert not self.rules
        key = next(iter(self.ends(name)), None)
        if key is None:
            return None
        states, actions = [] if self.moves.fails else [key[0]], []
        for came in reversed(self.came):
            key, index = came[key]
            states.append(key[0])
            actions.append(index)
        return Execution(tuple(reversed(states)), tuple(reversed(actions)))

    def after(self, action: Action, state: State) -> Iterator[tuple[State, Expr]]:
        """The states that the action may lead to, each with what the rules must be for it."""
        made = list(state)
        if action.location is not None:
            made[action.location[0]] = action.location[2]
        mixed: list[tuple[int, Expr]] = []
        for cell, expr in action.updates:
            value = self.put(expr, state)
            if isinstance(value, Constant):
                made[cell] = int(value.value)
            else:
                mixed.append((cell, value))
        read = sorted(set().union(*(cells_read(e) for _, e in mixed))) if mixed else []
        results: dict[tuple[int, ...], None] = {}
        for codes in itertools.product(*(self.system.cells[cell].initial for cell in read)):
            rules = list(state)
            for cell, code in zip(read, codes, strict=True):
                rules[cell] = code
            results[tuple(int(evaluate(e, rules)) for _, e in mixed)] = None
        for values in results:
            condition: list[Expr] = []
            for (cell, expr), code in zip(mixed, values, strict=True):
                made[cell] = code
                condition.append(iff(expr, Constant(bool(code))) if expr.type == "bool" else eq(expr, Constant(code)))
            yield tuple(made), conj(*condition)

    def end(self, name: str, state: State, before: State) -> Expr:
        """What the rules must be so that the state violates the property, or some property can't be evaluated there."""
        if name == DEADLOCK:
            if all(state[t.cell] == t.finished or state[t.cell] in t.may_wait for t in self.system.threads):
                return FALSE
            moving = (a.guard for a in self.system.actions if a.outcome != "blocked" and begins(a, state))
            return conj(*(neg(self.put(guard, state)) for guard in moving))
        found = [e for p in self.system.properties for e, _ in p.undefined]
        found += [neg(p.holds) for p in self.system.properties if p.name == name]
        return disj(*(self.put(e, state, before) for e in found))

    def put(self, expr: Expr, state: State, before: State = ()) -> Expr:
        """The expression with what all cells but the rules hold."""
        known: dict[Expr, Expr] = {}

        def of(e: Expr) -> Expr:
            if isinstance(e, Read):
                if e.cell in self.rules:
                    return Read(e.cell, e.type)
                code = (before if e.before else state)[e.cell]
                return Constant(bool(code)) if e.type == "bool" else Constant(code)
            if not isinstance(e, Apply):
                return e
            made = known.get(e)
            if made is None:
                made = known[e] = rebuild(e.op, tuple([of(a) for a in e.args]))
            return made

        return of(expr)


def begins(action: Action, state: State) -> bool:
    """The action's thread is where the action begins."""
    return action.location is None or state[action.location[0]] == action.location[1]
