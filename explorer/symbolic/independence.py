"""Which steps are independent, and which may make a condition true: what the text leaves open, z3 decides.

`Relations` (`reduction.relations`) of one goal, refined: a pair that may be dependent by what it reads and writes is
independent if z3 finds no state, among those that the proved invariants allow, in which both can be taken and one takes the
other away or the orders end differently. A query that is not answered, and a step that may leave a domain, change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from explorer.reduction.goals import Goal
from explorer.reduction.relations import Syntactic, members, writes
from explorer.symbolic.encode import QUERY_LIMIT, Asker, Encoding, Symbols, Term
from explorer.system.expressions import cells_read
from explorer.system.form import Action, Expr, System


class Independence(Asker):
    """Of one system, for its goals. `invariants`: proved of this very system. `queries`: how many were asked, by answer."""

    def __init__(
        self, system: System, goals: Iterable[Goal], invariants: Sequence[Expr] = (), limit: int = QUERY_LIMIT
    ) -> None:
        asked = [c for goal in goals for d in goal.disjuncts for c in d]
        self.system = system
        self.encoding = Encoding(system, asked)
        self.here = self.encoding.state()
        facts = [self.encoding.expr(e, self.here) for e in invariants]
        self.solver = self.encoding.solver(self.encoding.domain(self.here), *facts, limit=limit)
        self.queries: Counter[str] = Counter()
        self.ends: dict[Step, Symbols] = {}
        self.pairs: dict[tuple[Step, Step, frozenset[int]], bool] = {}
        self.enabling: dict[tuple[Step, Expr], bool] = {}
        self.inside: dict[Step, bool] = {}

    def of(self, goal: Goal) -> Refined:
        """The relations of the steps of a goal."""
        return Refined(self, goal)

    def guard(self, step: Step, state: Symbols) -> Term:
        return self.encoding.expr(step.action.guard, state)

    def after(self, step: Step) -> Symbols:
        """The state after the step."""
        if step not in self.ends:
            self.ends[step] = self.encoding.after(step.action, self.here)
        return self.ends[step]

    def stays(self, step: Step) -> bool:
        """Whether the step never leaves the domains of the cells."""
        if step not in self.inside:
            allowed = self.encoding.domain(self.after(step))
            self.inside[step] = self.refuted(self.guard(step, self.here), self.encoding.no(allowed))
        return self.inside[step]

    def independent(self, a: Step, b: Step, cells: frozenset[int]) -> bool:
        """Whether neither takes the other away, and both orders end alike in the cells."""
        cells = cells & contested_cells(a.action, b.action)
        key = (a, b, cells)
        if key not in self.pairs:
            self.pairs[key] = self.stays(a) and self.stays(b) and self.commute(a, b, cells)
        return self.pairs[key]

    def commute(self, a: Step, b: Step, cells: frozenset[int]) -> bool:
        encoding = self.encoding
        after_a, after_b = self.after(a), self.after(b)
        both_ways = encoding.after(b.action, after_a), encoding.after(a.action, after_b)
        wrong = [
            encoding.no(self.guard(b, after_a)),
            encoding.no(self.guard(a, after_b)),
            encoding.no(encoding.equal(*both_ways, sorted(cells))),
        ]
        return self.refuted(self.guard(a, self.here), self.guard(b, self.here), encoding.either(wrong))

    def never_enables(self, step: Step, condition: Expr) -> bool:
        """Whether the condition, where it is false, stays so after the step."""
        key = (step, condition)
        if key not in self.enabling:
            encoding = self.encoding
            self.enabling[key] = self.stays(step) and self.refuted(
                encoding.no(encoding.expr(condition, self.here)),
                self.guard(step, self.here),
                encoding.expr(condition, self.after(step)),
            )
        return self.enabling[key]


class Step:
    """An action of the whole system, as a goal has it: equal where the action is the same and moves alike."""

    __slots__ = ("action", "key")

    def __init__(self, number: int, action: Action) -> None:
        self.action, self.key = action, (number, action.outcome)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Step) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class Refined(Syntactic):
    """`Relations` of one goal."""

    def __init__(self, whole: Independence, goal: Goal) -> None:
        super().__init__(goal)
        self.whole, self.cells = whole, goal.cells
        own = whole.system.actions
        # the updates of the whole system: a cell that the goal does not need has its invariants too
        self.by_position = [
            Step(n, own[n] if a.outcome == own[n].outcome else a)
            for n, a in zip(goal.actions, self.actions, strict=True)
        ]

    def dependent(self) -> tuple[int, ...]:
        found = list(super().dependent())
        for i in self.steps:
            for j in members(found[i]):
                if i < j and self.whole.independent(self.by_position[i], self.by_position[j], self.cells):
                    found[i] &= ~(1 << j)
                    found[j] &= ~(1 << i)
        return tuple(found)

    def may_enable(self, j: int, condition: Expr) -> bool:
        return super().may_enable(j, condition) and not self.whole.never_enables(self.by_position[j], condition)


def contested_cells(a: Action, b: Action) -> frozenset[int]:
    """The cells in which the two orders of two steps may differ."""
    written_a, written_b = writes(a), writes(b)
    return (written_a & written_b) | affected_cells(a, written_b) | affected_cells(b, written_a)


def affected_cells(action: Action, changed: frozenset[int]) -> frozenset[int]:
    """The cells into which a step stores what depends on the changed ones."""
    return frozenset(cell for cell, expr in action.updates if cells_read(expr) & changed)
