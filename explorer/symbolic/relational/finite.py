"""A relational system on sorts of given sizes, by plain evaluation: states, claims, and what actions make of a state.

Formulas become the text of Python functions, as in `semantics.py`. An element is a number from 0 on; so is a member of an
Enum class, in the order of the class.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias, Union

from explorer.symbolic.relational.formulas import (
    And,
    Becomes,
    Equal,
    Forall,
    Formula,
    Function,
    Holds,
    Implies,
    Member,
    Named,
    Not,
    Or,
    Relation,
    Sort,
    Sorted,
    Term,
    Value,
    Variable,
    free,
)
from explorer.symbolic.relational.system import Action, Claim, RelationalSystem

Table: TypeAlias = Union[frozenset[tuple[int, ...]], tuple[int, ...]]
State: TypeAlias = tuple[Table, ...]  # in the order of the symbols: what a relation holds of; a function's values


@dataclass(frozen=True)
class Taken:
    """A step: the action, the values of its parameters, and the state after it."""

    action: str
    values: tuple[int, ...]
    after: State


class Finite:
    """`system` with as many elements of each sort, by the sort's name, as `sizes` says."""

    def __init__(self, system: RelationalSystem, sizes: Mapping[str, int]) -> None:
        self.system, self.sizes = system, dict(sizes)
        self.numbers = {symbol.name: i for i, symbol in enumerate(system.symbols)}
        enums = [f.result for f in system.symbols if isinstance(f, Function) and not isinstance(f.result, Sort)]
        self._codes = {member: i for enum in enums for i, member in enumerate(enum)}
        self._claims: dict[int, Callable[[State], tuple[int, ...] | None]] = {}
        self._actions = [(action, self._made(self._action_text(action))) for action in system.actions]

    def state(self, tables: Mapping[str, Any]) -> State:
        """From what each relation holds of, and each function's values; members of Enum classes may stand for themselves."""
        made: list[Table] = []
        for symbol in self.system.symbols:
            given = tables[symbol.name]
            if isinstance(symbol, Relation):
                made.append(frozenset(tuple(row) for row in given))
            elif isinstance(symbol.result, Sort):
                made.append(tuple(given))
            else:
                made.append(tuple(self._codes[value] if isinstance(value, Enum) else value for value in given))
        return tuple(made)

    def counterexample(self, claim: Claim, state: State) -> tuple[int, ...] | None:
        """Values of its variables for which the claim is false in the state; None: it holds."""
        if id(claim) not in self._claims:
            self._claims[id(claim)] = self._made(self._claim_text(claim))
        return self._claims[id(claim)](state)

    def violated_claims(self, claims: list[Claim], state: State) -> list[str]:
        """The names of the claims that are false in the state."""
        return [claim.name for claim in claims if self.counterexample(claim, state) is not None]

    def steps(self, state: State, only: str = "") -> Iterator[Taken]:
        """All steps from the state, action by action, or those of one action."""
        for action, function in self._actions:
            if only in ("", action.name):
                for values, after in function(state):
                    yield Taken(action.name, values, after)

    def simpler(self, state: State) -> Iterator[State]:
        """The states in which one fact less is true, or an element has the first member of its Enum class."""
        for at, (symbol, table) in enumerate(zip(self.system.symbols, state, strict=True)):
            smaller: list[Table] = []
            if isinstance(table, frozenset):
                smaller += [table - {row} for row in rows(table)]
            elif isinstance(symbol, Function) and not isinstance(symbol.result, Sort):
                smaller += [(*table[:i], 0, *table[i + 1 :]) for i, value in enumerate(table) if value]
            for less in smaller:
                yield (*state[:at], less, *state[at + 1 :])

    def representative(self, state: State) -> State:
        """The first of the states that differ only in the numbers of their elements."""

        def moved(numbers: Mapping[str, tuple[int, ...]]) -> State:
            tables: list[Table] = []
            for symbol, table in zip(self.system.symbols, state, strict=True):
                if isinstance(symbol, Relation):
                    maps = [numbers[sort.name] for sort in symbol.sorts]
                    tables.append(frozenset(tuple(m[i] for m, i in zip(maps, row, strict=True)) for row in rows(table)))
                else:
                    assert isinstance(table, tuple)
                    at, to = numbers[symbol.sort.name], symbol.result
                    values = [numbers[to.name][x] if isinstance(to, Sort) else x for x in table]
                    tables.append(tuple(x for _, x in sorted(zip(at, values, strict=True))))
            return tuple(tables)

        orders = [list(itertools.permutations(range(n))) for n in self.sizes.values()]
        renamed = [moved(dict(zip(self.sizes, each, strict=True))) for each in itertools.product(*orders)]
        return min(renamed, key=lambda tables: [sorted(t) if isinstance(t, frozenset) else t for t in tables])

    def size(self, sort: Sorted) -> int:
        return self.sizes[sort.name] if isinstance(sort, Sort) else len(sort)

    # ------------------------------------------------------------ text

    def _made(self, text: str) -> Any:
        space: dict[str, Any] = {}
        exec(compile(text, "<relational system>", "exec"), space)  # generated from a checked system
        return space["f"]

    def _claim_text(self, claim: Claim) -> str:
        names = {v: f"x{i}" for i, v in enumerate(claim.variables)}
        lines, indent = ["def f(s):"], "    "
        for v in claim.variables:
            lines.append(f"{indent}for {names[v]} in range({self.size(v.sort)}):")
            indent += "    "
        lines.append(f"{indent}if not {self._formula(claim.formula, names)}:")
        lines.append(f"{indent}    return ({''.join(f'{names[v]}, ' for v in claim.variables)})")
        return "\n".join([*lines, "    return None", ""])

    def _action_text(self, action: Action) -> str:
        """A generator of (values of the parameters, state after); each condition stands where its variables are known."""
        names = {v: f"x{i}" for i, v in enumerate(action.parameters)}
        waiting = [(condition, free(condition)) for condition in action.guard]
        lines, indent, known = ["def f(s):"], "    ", set[Variable]()
        for v in (None, *action.parameters):
            if v is not None:
                lines.append(f"{indent}for {names[v]} in range({self.size(v.sort)}):")
                indent += "    "
                known.add(v)
            for condition, variables in waiting:
                if variables <= known:
                    lines.append(f"{indent}if {self._formula(condition, names)}:")
                    indent += "    "
            waiting = [(c, variables) for c, variables in waiting if not variables <= known]
        lines.append(f"{indent}n = list(s)")
        for update in action.updates:
            at = self.numbers[update.symbol.name]
            if isinstance(update, Becomes):
                argument, value = self._term(update.argument, names), self._term(update.value, names)
                lines.append(f"{indent}n[{at}] = s[{at}][:{argument}] + ({value},) + s[{at}][{argument} + 1:]")
            else:
                formals = {v: f"y{i}" for i, v in enumerate(update.formals)}
                loops = " ".join(f"for {formals[v]} in range({self.size(v.sort)})" for v in update.formals)
                row = "".join(f"{y}, " for y in formals.values())
                condition_text = self._formula(update.formula, {**names, **formals})
                lines.append(f"{indent}n[{at}] = frozenset([({row}) {loops} if {condition_text}])")
        lines.append(f"{indent}yield ({''.join(f'{names[v]}, ' for v in action.parameters)}), tuple(n)")
        return "\n".join([*lines, ""])

    def _term(self, term: Term, names: Mapping[Variable, str]) -> str:
        match term:
            case Member(member):
                return str(list(type(member)).index(member))
            case Value(function, argument):
                return f"s[{self.numbers[function.name]}][{self._term(argument, names)}]"
        assert isinstance(term, Variable)
        return names[term]

    def _formula(self, formula: Formula, names: Mapping[Variable, str]) -> str:
        match formula:
            case Holds(relation, arguments):
                row = "".join(f"{self._term(a, names)}, " for a in arguments)
                return f"(({row}) in s[{self.numbers[relation.name]}])"
            case Equal(left, right):
                return f"({self._term(left, names)} == {self._term(right, names)})"
            case Not(part):
                return f"(not {self._formula(part, names)})"
            case And(parts):
                return f"({' and '.join(self._formula(p, names) for p in parts) or 'True'})"
            case Or(parts):
                return f"({' or '.join(self._formula(p, names) for p in parts) or 'False'})"
            case Implies(condition, then):
                return f"(not {self._formula(condition, names)} or {self._formula(then, names)})"
            case Named(_, _, body, _):
                return self._formula(body, names)
            case Forall(variables, body):
                inner = {**names, **{v: f"q{i}" for i, v in enumerate(variables)}}
                loops = " ".join(f"for {inner[v]} in range({self.size(v.sort)})" for v in variables)
                return f"all({self._formula(body, inner)} {loops})"
        raise TypeError(formula)

    # ------------------------------------------------------------ for a reader

    def show(self, state: State) -> list[str]:
        """What is true in the state, a line a fact: ``held(thread 0, page 0, frame 0)``, ``mm(thread 0) = process 0``."""
        lines = []
        for symbol, table in zip(self.system.symbols, state, strict=True):
            if isinstance(symbol, Relation):
                lines += [f"{symbol.name}({self._row(symbol.sorts, row)})" for row in rows(table)]
            else:
                values = [element(symbol.result, value) for value in table]
                lines += [f"{symbol.name}({symbol.sort.name} {i}) = {value}" for i, value in enumerate(values)]
        return lines

    def show_step(self, taken: Taken) -> str:
        """``gup_pte_range(t = thread 0, v = page 0, f = frame 0)``"""
        action = next(a for a in self.system.actions if a.name == taken.action)
        values = zip(action.parameters, taken.values, strict=True)
        return f"{action.name}({', '.join(f'{v.name} = {element(v.sort, value)}' for v, value in values)})"

    def _row(self, sorts: Sequence[Sorted], row: tuple[int, ...]) -> str:
        return ", ".join(element(sort, value) for sort, value in zip(sorts, row, strict=True))


def rows(table: Table) -> list[tuple[int, ...]]:
    """What a relation holds of, in order."""
    assert isinstance(table, frozenset)
    return sorted(table)


def element(sort: Sorted, number: Any) -> str:
    """``page 0``, or the member's name."""
    return f"{sort.name} {number}" if isinstance(sort, Sort) else str(list(sort)[number].name)
