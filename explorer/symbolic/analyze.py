"""What z3 can tell a modeller about a model: what never happens and why, what commutes, what is said twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

import z3

from explorer.reduction.certificate import Certificate, may_trap, traps, without
from explorer.reduction.goals import Goal, goals
from explorer.reduction.relations import Syntactic, members
from explorer.symbolic.answers import (
    ActionText,
    Analysis,
    DeadAction,
    Enablers,
    ImpliedCondition,
    IndependenceText,
    StepActions,
    SymmetryText,
)
from explorer.symbolic.encode import Encoding, ask
from explorer.symbolic.independence import Independence
from explorer.symbolic.prepare import Facts
from explorer.symbolic.symmetry import certify
from explorer.system.dump import show
from explorer.system.expressions import cells_read, conj, conjuncts, neg
from explorer.system.form import Action, Expr, System

CORE = 6  # invariants named in a reason


def analyze(system: System, certificate: Certificate) -> Analysis:
    """Everything that is proved."""
    alive = without(system, certificate.dead)
    facts = Facts(Encoding(system, certificate.invariants), certificate.invariants)
    symmetry = certify(system, lambda: certificate.invariants)
    return Analysis(
        certificate=certificate,
        actions=len(system.actions),
        invariants=invariants_of(system, certificate),
        type_safe=not traps(system, certificate.dead),
        may_trap=tuple(action_text(system, i) for i in traps(system, certificate.dead)),
        never=never(system, certificate),
        implied=implied_conditions(system, certificate, facts),
        no_effect=no_effect(system, certificate, facts),
        duplicates=duplicates(system, certificate),
        independence=independence(system, alive, certificate),
        goals=enablers(system, certificate),
        symmetry=SymmetryText(
            () if symmetry.symmetry is None else tuple(tuple(g.named) for g in symmetry.symmetry.generators),
            tuple(symmetry.unused),
            dict(symmetry.answers),
        ),
        queries=dict(facts.queries),
    )


def action_text(system: System, index: int) -> ActionText:
    """An action as a reader finds it again."""
    action = system.actions[index]
    failure = action.failure.text if action.failure is not None else ""
    choices = "".join(f" {name}={value}" for name, value in action.choices)
    return ActionText(
        index,
        action.actor,
        action.label + choices,
        action.span.file,
        action.span.line,
        tuple(f"{b.text} is {str(b.outcome).lower()}" for b in action.branches),
        action.outcome,
        failure,
    )


def words_of(given: ActionText) -> dict[str, Any]:
    """The fields of an action, for one about which there is more to say."""
    return {f.name: getattr(given, f.name) for f in fields(ActionText)}


def invariants_of(system: System, certificate: Certificate) -> tuple[str, ...]:
    """The invariants as text: those about counters first, as they say most, then those about fewest variables."""
    shown = sorted(
        certificate.invariants,
        key=lambda e: (-len(cells_read(e)) if len(cells_read(e)) > 2 else 0, len(cells_read(e))),
    )
    return tuple(show(system, e) for e in shown)


# ---------------------------------------------------------------- what never happens


def never(system: System, certificate: Certificate) -> tuple[DeadAction, ...]:
    """The dead actions that are steps or assertions, each with what its guard contradicts."""
    encoding = Encoding(system, certificate.invariants)
    here = encoding.state()
    solver = encoding.solver(encoding.domain(here))
    marks = {}
    for i, expr in enumerate(certificate.invariants):
        mark = z3.Bool(f"invariant {i}", encoding.context)
        marks[mark.get_id()] = (mark, expr)
        solver.add(encoding.either([encoding.no(mark), encoding.expr(expr, here)]))
    found = []
    for index in certificate.dead:
        action = system.actions[index]
        if action.outcome == "blocked" or may_trap(action):
            continue
        parts = {}
        for i, part in enumerate(conjuncts(action.guard)):
            mark = z3.Bool(f"guard {index} {i}", encoding.context)
            parts[mark.get_id()] = (mark, part)
            solver.add(encoding.either([encoding.no(mark), encoding.expr(part, here)]))
        given = [mark for mark, _ in (*parts.values(), *marks.values())]
        guard: list[str] = []
        used: list[Expr] = []
        more = None
        if ask(solver, *given) == "unsat":
            core = smaller(solver, [mark for mark in solver.unsat_core()])
            names = {mark.get_id() for mark in core}
            guard = [show(system, part) for key, (_, part) in parts.items() if key in names]
            used = [expr for key, (_, expr) in marks.items() if key in names]
            more = max(0, len(used) - CORE)
        invariants = tuple(show(system, e) for e in used[:CORE])
        found.append(
            DeadAction(**words_of(action_text(system, index)), guard=tuple(guard), invariants=invariants, more=more)
        )
    return tuple(found)


def smaller(solver: z3.Solver, core: list[Any]) -> list[Any]:
    """The core without what is not needed, one by one."""
    for mark in list(core):
        rest = [m for m in core if m.get_id() != mark.get_id()]
        if ask(solver, *rest) == "unsat":
            core = rest
    return core


# ---------------------------------------------------------------- what is said twice


def implied_conditions(system: System, certificate: Certificate, facts: Facts) -> tuple[ImpliedCondition, ...]:
    """Conditions of steps that hold whenever the rest of the guard does."""
    found = []
    for index, action in alive_steps(system, certificate):
        parts = conjuncts(action.guard)
        own = None if action.location is None else action.location[0]
        for part in parts:
            rest = [p for p in parts if p is not part]
            if cells_read(part) != {own} and facts.refute(conj(*rest), neg(part)):
                found.append(ImpliedCondition(**words_of(action_text(system, index)), condition=show(system, part)))
    return tuple(found)


def no_effect(system: System, certificate: Certificate, facts: Facts) -> tuple[ActionText, ...]:
    """Steps that change nothing at all, in no state in which they can be taken."""
    encoding, found = facts.encoding, []
    for index, action in alive_steps(system, certificate):
        if action.location is not None and action.location[1] != action.location[2]:
            continue
        after = encoding.after(action, facts.here)
        changed = encoding.no(encoding.equal(after, facts.here))
        if facts.refuted(encoding.expr(action.guard, facts.here), changed):
            found.append(action_text(system, index))
    return tuple(found)


def duplicates(system: System, certificate: Certificate) -> tuple[tuple[ActionText, ...], ...]:
    """Actions of one actor with the same guard and the same updates: one of them would do."""
    groups: dict[Any, list[int]] = {}
    for index, action in alive_steps(system, certificate):
        updates = tuple(sorted(action.updates, key=lambda u: u[0]))
        key = (action.actor, frozenset(conjuncts(action.guard)), updates, action.location)
        groups.setdefault(key, []).append(index)
    return tuple(tuple(action_text(system, i) for i in group) for group in groups.values() if len(group) > 1)


def alive_steps(system: System, certificate: Certificate) -> Iterable[tuple[int, Action]]:
    dead = set(certificate.dead)
    return ((i, a) for i, a in enumerate(system.actions) if a.outcome == "step" and i not in dead)


# ---------------------------------------------------------------- what commutes


def independence(system: System, alive: System, certificate: Certificate) -> IndependenceText:
    """How many pairs of steps depend on each other, by their text and as proved; and the steps that commute with all others."""
    steps = [i for i, _ in alive_steps(system, certificate)]
    whole = Goal("", alive, tuple(range(len(system.actions))), (), frozenset(range(len(system.cells))))
    asked = Independence(alive, [], certificate.invariants)
    dependent = asked.of(whole).dependent()
    mask = sum(1 << i for i in steps)
    by_text = Syntactic(whole).dependent()
    groups: dict[tuple[str, str], list[int]] = {}
    for i in steps:
        groups.setdefault((system.actions[i].actor, system.actions[i].label), []).append(i)
    movers = []
    for (actor, label), indexes in groups.items():
        others = sum(1 << i for i in steps if system.actions[i].actor != actor)
        if not any(dependent[i] & others for i in indexes):
            movers.append(StepActions(actor, label, tuple(indexes)))
    return IndependenceText(
        steps=len(steps),
        pairs=len(steps) * (len(steps) - 1) // 2,
        dependent_by_text=count(by_text, mask),
        dependent=count(dependent, mask),
        masks=tuple(format(m & mask, "x") for m in dependent),
        movers=tuple(movers),
        queries=dict(asked.queries),
    )


def count(masks: Sequence[int], wanted: int) -> int:
    """Unordered pairs of different actions."""
    return sum((m & wanted & ~(1 << i)).bit_count() for i, m in enumerate(masks) if wanted >> i & 1) // 2


def enablers(system: System, certificate: Certificate) -> tuple[Enablers, ...]:
    """For each goal, how many steps may bring it nearer: by their text, and as proved. None: no step can."""
    dead = set(certificate.dead)
    asked = goals(system, [p.name for p in system.properties])
    proved = Independence(system, asked, certificate.invariants)
    found = []
    for goal in asked:
        if goal.name not in {p.name for p in system.properties}:
            continue
        own, refined = Syntactic(goal), proved.of(goal)
        alive = sum(1 << at for at, i in enumerate(goal.actions) if i not in dead)
        conditions: list[Expr] = list(dict.fromkeys(c for d in goal.disjuncts for c in d))
        by_text = refined_mask = 0
        for condition in conditions:
            by_text |= own.enablers(condition)
            refined_mask |= refined.enablers(condition)
        steps = sorted({system.actions[goal.actions[at]].label for at in members(refined_mask & alive)})
        found.append(Enablers(goal.name, by_text.bit_count(), (refined_mask & alive).bit_count(), tuple(steps)))
    return tuple(found)
