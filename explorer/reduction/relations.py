"""What a system's text says about its steps: which may depend on each other, and which may make a condition true.

Everything here errs on one side: a pair that is not shown to be independent depends, a step that is not shown to leave a
condition false may make it true. `explorer.symbolic.independence` asks z3 the rest, with the same answers in form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from explorer.reduction.goals import Goal
from explorer.system.expressions import cells_read, conjuncts, tested_cell
from explorer.system.form import Action, Apply, Constant, Expr, Read


class Relations(Protocol):
    """Of the steps of one goal's system, each by its position. Actions of another outcome are no steps and in no set.

    Two steps are independent if, wherever both can be taken, neither takes the other away, and both orders end in the same
    state, in the cells of the goal.
    """

    def dependent(self) -> tuple[int, ...]:
        """For each action, the set of steps that may depend on it, as a mask; itself among them."""

    def enablers(self, condition: Expr) -> int:
        """The steps that may make the condition true where it is false, as a mask."""


class Syntactic:
    """By the cells that steps read and write."""

    def __init__(self, goal: Goal) -> None:
        self.actions = goal.system.actions
        self.steps = [i for i, a in enumerate(self.actions) if a.outcome == "step"]
        self.written = [writes(a) for a in self.actions]
        self.read = [reads(a) for a in self.actions]
        self.tests = [tests(a.guard) for a in self.actions]
        self.known: dict[Expr, int] = {}

    def dependent(self) -> tuple[int, ...]:
        found = [1 << i if a.outcome == "step" else 0 for i, a in enumerate(self.actions)]
        for n, i in enumerate(self.steps):
            for j in self.steps[n + 1 :]:
                if self.touch(i, j) and not contradictory(self.tests[i], self.tests[j]):
                    found[i] |= 1 << j
                    found[j] |= 1 << i
        return tuple(found)

    def touch(self, i: int, j: int) -> bool:
        """Whether one writes what the other reads or writes."""
        a, b = self.written[i], self.written[j]
        return bool(a & self.read[j] or b & self.read[i] or a & b)

    def enablers(self, condition: Expr) -> int:
        if condition not in self.known:
            self.known[condition] = sum(1 << j for j in self.steps if self.may_enable(j, condition))
        return self.known[condition]

    def may_enable(self, j: int, condition: Expr) -> bool:
        """Whether the step writes a cell of the condition, which it does not need itself, and leaves it no wrong constant."""
        action = self.actions[j]
        if not self.written[j] & cells_read(condition) or condition in conjuncts(action.guard):
            return False
        cell, code, same = test(condition)
        if cell is None:
            return True
        stored = constants(action).get(cell)
        return stored is None or (stored == code) == same


def writes(action: Action) -> frozenset[int]:
    """The cells that a step changes."""
    cells = {cell for cell, _ in action.updates}
    return frozenset(cells if action.location is None else cells | {action.location[0]})


def reads(action: Action) -> frozenset[int]:
    """The cells that guard and updates read."""
    return frozenset(cells_read(action.guard).union(*(cells_read(e) for _, e in action.updates)))


def constants(action: Action) -> dict[int, int]:
    """The cells in which a step stores a constant."""
    found = {cell: int(e.value) for cell, e in action.updates if isinstance(e, Constant)}
    if action.location is not None:
        found[action.location[0]] = action.location[2]
    return found


def test(condition: Expr) -> tuple[int | None, int, bool]:
    """(cell, code, whether it must hold that code) of a test of one cell; (None, 0, True) for any other condition."""
    if isinstance(condition, Apply) and condition.op == "not":
        cell, code, same = test(condition.args[0])
        return cell, code, not same
    if isinstance(condition, Read):
        return (condition.cell, 1, True) if condition.type == "bool" else (None, 0, True)
    read, code = tested_cell(condition)
    return (None if read is None else read.cell), code, True


def tests(guard: Expr) -> dict[int, int]:
    """The cells that a guard requires to hold one code."""
    found = (test(c) for c in conjuncts(guard))
    return {cell: code for cell, code, same in found if cell is not None and same}


def contradictory(a: dict[int, int], b: dict[int, int]) -> bool:
    """Whether no state passes both tests."""
    return any(b.get(cell, code) != code for cell, code in a.items())


def members(mask: int) -> list[int]:
    """The positions in a mask, in order."""
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def pairs(dependent: Sequence[int]) -> int:
    """How many unordered pairs of different steps depend on each other."""
    return sum(bin(mask & ~(1 << i)).count("1") for i, mask in enumerate(dependent)) // 2
