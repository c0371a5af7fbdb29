"""What a reduced search looks for: one goal at a time, each told from a single state.

A reduction by partial order keeps the ways to one goal and nothing else. So a system is taken apart: for each goal a system
that has the steps, what shows the goal, and no other claim. Where a step shows the goal (it breaks an `always_step`, it
fails), the goal is to reach a state with such a step: one step less.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from explorer.reduction.symmetry import Symmetry
from explorer.system.assertions import ASSERTIONS as ASSERTIONS
from explorer.system.assertions import Place, assertions, is_assertion, place
from explorer.system.expressions import cells_read, conj, conjuncts, disj, neg, rebuild
from explorer.system.form import (
    FALSE,
    LIVENESS,
    TRUE,
    Action,
    Apply,
    Constant,
    Expr,
    Failure,
    Property,
    Read,
    Span,
    System,
)

DEADLOCK = "deadlock_freedom"
ERRORS, HELD_UP = "errors of the model", "steps held up"


@dataclass(frozen=True)
class Goal:
    """`system`: the steps, and what shows this goal, alone; `actions`: their positions in the whole system.

    `disjuncts`: it is reached, or the next step shows it, where all conditions of one of them hold; none for a deadlock.
    `cells`: those that steps and goal depend on; the others keep their first value in `system`.
    """

    name: str
    system: System
    actions: tuple[int, ...]
    disjuncts: tuple[tuple[Expr, ...], ...]
    cells: frozenset[int]


def goals(system: System, names: Iterable[str] | None = None) -> list[Goal]:
    """The goals of a system: errors of the model first; None: every property, deadlock, assertions.

    After `assertions` comes each by itself, where there are several.
    Properties of whole runs are no goals: no reduction keeps them. A goal that nothing can show is left out.
    """
    wanted = {p.name for p in system.properties} | {DEADLOCK, ASSERTIONS} if names is None else set(names)
    found = [errors(system)]
    found += [of_property(system, p) for p in system.properties if p.name in wanted and p.kind not in LIVENESS]
    if DEADLOCK in wanted:
        found.append(deadlock(system))
    if ASSERTIONS in wanted:
        found.append(failing_goal(system, ASSERTIONS, is_assertion))
        found += [of_assertion(system, name, given) for name, given in assertions(system).items()]
    found.append(failing_goal(system, HELD_UP, lambda a: a.outcome == "blocked"))
    return [goal for goal in found if goal.disjuncts or goal.name == DEADLOCK]


def of_property(system: System, given: Property) -> Goal:
    """The goal that shows a property violated or reached."""
    if given.kind == "always_step":
        claim = dataclasses.replace(given, undefined=())
        return restricted_actions(
            system, given.name, (claim,), breaking_conditions(system, normal(given.holds, False)), lambda a: False
        )
    shown = given.holds if given.kind == "reachable" else normal(given.holds, False)
    claim = dataclasses.replace(given, kind="always", holds=normal(shown, False), undefined=())
    return restricted_actions(system, given.name, (claim,), disjunction(shown), lambda a: False)


def errors(system: System) -> Goal:
    """A step that fails, or a property that can't be evaluated."""
    claims: list[Property] = []
    conditions: list[tuple[Expr, ...]] = []
    for given in system.properties:
        steps = given.kind == "always_step"
        if given.undefined:
            claims.append(Property(given.name, "always_step" if steps else "always", TRUE, undefined=given.undefined))
        for condition, _ in given.undefined:
            conditions += breaking_conditions(system, condition) if steps else disjunction(condition)

    def kept(action: Action) -> bool:
        return action.outcome == "failure" and not is_assertion(action)

    conditions += [conjuncts(a.guard) for a in system.actions if kept(a)]
    return restricted_actions(system, ERRORS, tuple(claims), tuple(conditions), kept)


def failing_goal(system: System, name: str, kept: Callable[[Action], bool]) -> Goal:
    """One of these actions can be taken: they fail, whatever they do in the system."""
    conditions = tuple(conjuncts(a.guard) for a in system.actions if kept(a))
    goal = restricted_actions(system, name, (), conditions, kept)
    one = Failure("assert", name, Span("", 0))  # the goal is one assertion, wherever they fail
    actions = tuple(
        a if a.outcome == "step" else dataclasses.replace(a, outcome="failure", failure=one)
        for a in goal.system.actions
    )
    return dataclasses.replace(goal, system=dataclasses.replace(goal.system, actions=actions))


def of_assertion(system: System, name: str, given: Place) -> Goal:
    """One assertion fails."""
    return failing_goal(system, name, lambda a: is_assertion(a) and place(a) == given)


def deadlock(system: System) -> Goal:
    """Nobody can move. What fails is a move: it goes nowhere, and its state is no deadlock."""
    goal = restricted_actions(system, DEADLOCK, (), (), lambda a: a.outcome == "failure")
    actions = tuple(
        a if a.outcome == "step" else dataclasses.replace(a, outcome="step", failure=None, location=None)
        for a in goal.system.actions
    )
    return dataclasses.replace(goal, system=dataclasses.replace(goal.system, actions=actions, threads=system.threads))


def restricted_actions(
    system: System,
    name: str,
    claims: tuple[Property, ...],
    disjuncts: Sequence[tuple[Expr, ...]],
    kept: Callable[[Action], bool],
) -> Goal:
    """The steps and the actions that are kept, without updates of cells that neither they nor the claims depend on.

    No state of it is a deadlock: every thread may wait everywhere.
    """
    places = [i for i, a in enumerate(system.actions) if a.guard != FALSE and (a.outcome == "step" or kept(a))]
    actions = [system.actions[i] for i in places]
    disjuncts = tuple(dict.fromkeys(d for d in disjuncts if FALSE not in d))
    asked = [e for d in disjuncts for e in d]
    asked += [e for p in claims for e in (p.holds, *(c for c, _ in p.undefined))]
    cells = needed_cells(actions, asked) | {t.cell for t in system.threads}
    actions = [dataclasses.replace(a, updates=tuple(u for u in a.updates if u[0] in cells)) for a in actions]
    threads = tuple(
        dataclasses.replace(t, may_wait=tuple(range(system.cells[t.cell].domain.hi + 1))) for t in system.threads
    )
    alone = dataclasses.replace(system, actions=tuple(actions), properties=claims, threads=threads)
    return Goal(name, alone, tuple(places), disjuncts, cells)


def needed_cells(actions: Sequence[Action], asked: Iterable[Expr]) -> frozenset[int]:
    """The cells that the guards and the expressions asked for depend on, in this state or in later ones."""
    pending = {cell for expr in (*asked, *(a.guard for a in actions)) for cell in cells_read(expr)}
    found: set[int] = set()
    while pending:
        found |= pending
        read = {c for a in actions for cell, expr in a.updates if cell in pending for c in cells_read(expr)}
        pending = read - found
    return frozenset(found)


def symmetric(symmetry: Symmetry, goal: Goal) -> Symmetry | None:
    """The symmetry of the whole system as one of the goal's; None where the goal depends on cells that are not alike."""
    number = {action: i for i, action in enumerate(goal.actions)}
    generators = []
    for g in symmetry.generators:
        images = tuple(number.get(g.images[action], -1) for action in goal.actions)
        if -1 in images or any(g.cells[cell] not in goal.cells for cell in goal.cells):
            return None
        generators.append(dataclasses.replace(g, images=images))
    return dataclasses.replace(symmetry, generators=tuple(generators))


# ---------------------------------------------------------------- expressions


def breaking_conditions(system: System, condition: Expr) -> tuple[tuple[Expr, ...], ...]:
    """Where some step has the condition, which reads the states before and after it: for each step a disjunct.

    Steps that change nothing it reads share one: the condition without a change. That may hold where no step is possible;
    a goal may be larger than what is looked for.
    """
    cells = cells_read(condition)
    found: dict[tuple[Expr, ...], None] = {}
    for action in system.actions:
        if action.outcome != "step":
            continue
        updates: dict[int, Expr] = dict(action.updates)
        if action.location is not None:
            updates[action.location[0]] = Constant(action.location[2])
        changed = {cell: expr for cell, expr in updates.items() if cell in cells}
        for disjunct in disjunction(foreseen(condition, changed)):
            found[conjuncts(action.guard) + disjunct if changed else disjunct] = None
    return tuple(found)


def foreseen(condition: Expr, updates: dict[int, Expr]) -> Expr:
    """The condition over a step with these updates, as a condition on the state before it."""
    known: dict[Expr, Expr] = {}

    def of(expr: Expr) -> Expr:
        if isinstance(expr, Constant):
            return expr
        if isinstance(expr, Read):
            return Read(expr.cell, expr.type) if expr.before else updates.get(expr.cell, expr)
        if expr not in known:
            known[expr] = rebuild(expr.op, tuple(of(a) for a in expr.args))
        return known[expr]

    return of(condition)


LARGEST = 2_000  # operators of a condition that is taken apart


def normal(expr: Expr, holds: bool = True) -> Expr:
    """The truth value or its negation, with `and` and `or` outside, as far as that goes."""
    if isinstance(expr, Apply) and expr.size <= LARGEST:  # of a larger one the form would not be usable
        if expr.op == "not":
            return normal(expr.args[0], not holds)
        if expr.op in ("and", "or"):
            parts = [normal(a, holds) for a in expr.args]
            return conj(*parts) if (expr.op == "and") == holds else disj(*parts)
        if expr.op == "choose":
            test, yes, no = expr.args
            return disj(
                conj(normal(test), normal(yes, holds)),
                conj(normal(test, False), normal(no, holds)),
            )
    return expr if holds else neg(expr)


def disjunction(expr: Expr) -> tuple[tuple[Expr, ...], ...]:
    """The truth value as conditions one of which holds, each as conditions that all hold."""
    expr = normal(expr)
    if expr == FALSE:
        return ()
    parts = expr.args if isinstance(expr, Apply) and expr.op == "or" else (expr,)
    return tuple(conjuncts(part) for part in parts)
