"""A family: one system for many settings of its rules left open.

The rules leave the state. An action, property or failure that mixes rules and state becomes one for each case that the rules
make of it, over the state alone, with the set of settings under which that case is there. Sets of settings are integers: bit
i stands for `settings[i]`.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.errors import UsageError
from explorer.system.expressions import rebuild
from explorer.system.form import FALSE, LIVENESS, TRUE, Action, Apply, Constant, Expr, Failure, Property, Read, System
from explorer.system.renumbering import Renumbering

MOST_SETTINGS = 1 << 14

Setting = tuple[int, ...]  # the code of each rule left open, in the order of the cells


@dataclass(frozen=True)
class Family:
    """`system`: without `rules`, the cells of `whole` that are left open, and without its liveness properties.

    `presence[i]`: the settings under which action i of `system` is there. `origin[i]`: the action of `whole` that it is a
    case of. `applies`: of each property of `system` the settings for which it speaks; `names`: and the property of `whole`
    that it is a case of.
    """

    whole: System
    rules: tuple[int, ...]
    settings: tuple[Setting, ...]
    system: System
    presence: tuple[int, ...]
    origin: tuple[int, ...]
    applies: Mapping[str, int]
    names: Mapping[str, str]

    @property
    def every(self) -> int:
        """The set of all settings."""
        return (1 << len(self.settings)) - 1


def open_cells(system: System) -> tuple[int, ...]:
    """The rules left open: constants with several initial values."""
    return tuple(i for i, cell in enumerate(system.cells) if cell.constant and len(cell.initial) > 1)


def settings_of(system: System) -> tuple[Setting, ...]:
    """Every setting of the rules left open. Raises UsageError where there are too many for one search."""
    choices = [system.cells[i].initial for i in open_cells(system)]
    check_count(math.prod(map(len, choices)))
    return tuple(itertools.product(*choices))


def check_count(settings: int) -> None:
    """Raise UsageError where so many settings are too many for one search."""
    if settings > MOST_SETTINGS:
        raise UsageError(
            f"these rules make {settings:,} settings, and one search takes at most {MOST_SETTINGS:,}: vary fewer"
        )


def alone(system: System, setting: Setting) -> System:
    """The system with its open rules settled."""
    codes = dict(zip(open_cells(system), setting, strict=True))
    cells = [
        dataclasses.replace(cell, initial=(codes[i],)) if i in codes else cell for i, cell in enumerate(system.cells)
    ]
    return dataclasses.replace(system, cells=tuple(cells))


def family(system: System, settings: Sequence[Setting] | None = None) -> Family:
    """The family of a system over these settings of its open rules, default all. Raises UsageError where they are too many."""
    chosen = settings_of(system) if settings is None else tuple(settings)
    check_count(len(chosen))
    cases = Cases(system, chosen)
    actions: list[Action] = []
    presence: list[int] = []
    origin: list[int] = []
    for index, action in enumerate(system.actions):
        for made, there in cases.of_action(action):
            actions.append(made)
            presence.append(there)
            origin.append(index)
    properties: list[Property] = []
    applies: dict[str, int] = {}
    names: dict[str, str] = {}
    for prop in system.properties:
        if prop.kind in LIVENESS:
            continue
        for number, (case, there) in enumerate(cases.of_property(prop)):
            name = prop.name if number == 0 else f"{prop.name} (case {number + 1})"
            properties.append(dataclasses.replace(case, name=name))
            applies[name], names[name] = there, prop.name
    rules = open_cells(system)
    kept = [i for i in range(len(system.cells)) if i not in rules]
    made_of = dataclasses.replace(system, actions=tuple(actions), properties=tuple(properties))
    smaller = Renumbering({old: new for new, old in enumerate(kept)}).system(made_of)
    return Family(system, rules, chosen, smaller, tuple(presence), tuple(origin), applies, names)


class Cases:
    """What the settings make of expressions."""

    def __init__(self, system: System, settings: Sequence[Setting]) -> None:
        self.rules = open_cells(system)
        self.every = (1 << len(settings)) - 1
        # rule -> code -> the settings with it
        self.having: dict[int, dict[int, int]] = {cell: {} for cell in self.rules}
        for position, cell in enumerate(self.rules):
            for code in dict.fromkeys(s[position] for s in settings):
                bits = "".join("1" if s[position] == code else "0" for s in reversed(settings))
                self.having[cell][code] = int(bits, 2)
        self.read: dict[Expr, int] = {}  # the rules that an expression reads, as bits
        self.settled: dict[tuple[int, int], dict[Expr, Expr]] = {}

    def of_action(self, action: Action) -> list[tuple[Action, int]]:
        """Each case of the action, with the settings under which it is there."""
        shown = action.failure.value if action.failure is not None else None
        given = (action.guard, *(e for _, e in action.updates), *(() if shown is None else (shown,)))
        found = []
        for (guard, *rest), there in self.split(given):
            if guard == FALSE:
                continue
            updates = tuple((cell, e) for (cell, _), e in zip(action.updates, rest, strict=False))
            failure = action.failure
            if failure is not None and shown is not None:
                failure = dataclasses.replace(failure, value=rest[-1])
            found.append((dataclasses.replace(action, guard=guard, updates=updates, failure=failure), there))
        return found

    def of_property(self, prop: Property) -> list[tuple[Property, int]]:
        """Each case of the property, with the settings for which it speaks."""
        given: list[Expr] = [TRUE, prop.holds]
        for condition, failure in prop.undefined:
            given += [condition] if failure.value is None else [condition, failure.value]
        found = []
        for (_, holds, *rest), there in self.split(tuple(given)):
            left = iter(rest)
            undefined: list[tuple[Expr, Failure]] = []
            for _, failure in prop.undefined:
                condition = next(left)
                said = failure if failure.value is None else dataclasses.replace(failure, value=next(left))
                if condition != FALSE:
                    undefined.append((condition, said))
            found.append((dataclasses.replace(prop, holds=holds, undefined=tuple(undefined)), there))
        return found

    def split(self, given: tuple[Expr, ...]) -> list[tuple[tuple[Expr, ...], int]]:
        """The expressions without rules, one tuple for each that some settings make of them, and these settings.

        The first is a guard: where it is false, the others do not matter.
        """
        found: dict[tuple[Expr, ...], int] = {}
        pending = [(given, self.every)]
        while pending:
            exprs, there = pending.pop()
            mixed = self.reads(exprs[0])
            for other in exprs[1:] if not mixed else ():
                mixed |= self.reads(other)
            if not mixed or exprs[0] == FALSE:
                found[exprs] = found.get(exprs, 0) | there
                continue
            cell = self.rules[(mixed & -mixed).bit_length() - 1]
            for code, having in self.having[cell].items():
                if there & having:
                    pending.append((tuple(self.settle(e, cell, code) for e in exprs), there & having))
        return sorted(found.items(), key=lambda item: item[1] & -item[1])

    def reads(self, expr: Expr) -> int:
        """The rules that the expression reads, as bits."""
        if isinstance(expr, Constant):
            return 0
        if isinstance(expr, Read):
            return 1 << self.rules.index(expr.cell) if expr.cell in self.having else 0
        found = self.read.get(expr)
        if found is None:
            found = 0
            for arg in expr.args:
                found |= self.reads(arg)
            self.read[expr] = found
        return found

    def settle(self, expr: Expr, cell: int, code: int) -> Expr:
        """The expression where the rule has that code."""
        if isinstance(expr, Read) and expr.cell == cell:
            return Constant(bool(code)) if expr.type == "bool" else Constant(code)
        if not isinstance(expr, Apply) or not self.reads(expr) >> self.rules.index(cell) & 1:
            return expr
        known = self.settled.setdefault((cell, code), {})
        made = known.get(expr)
        if made is None:
            made = known[expr] = rebuild(expr.op, tuple([self.settle(a, cell, code) for a in expr.args]))
        return made
