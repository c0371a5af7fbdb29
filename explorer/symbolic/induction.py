"""Induction: a property and lemmas that hold at the start, and that no action breaks where all of them hold.

What can't be proved is shown: a state in which the property and every lemma and invariant hold, and an action after which the
property or a lemma does not. Nobody knows whether that state can be reached: it says which lemma is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from explorer.symbolic.answers import BreakingStep, Induction, NotAtStart
from explorer.symbolic.candidates import candidates, sample
from explorer.symbolic.encode import SOLVER, Encoding, Symbols, Term, ask
from explorer.symbolic.invariants import MOST_QUERIES, houdini, updates
from explorer.system.expressions import cells_read, substitute
from explorer.system.form import Expr, Property, System
from explorer.system.semantics import State, evaluate, show_state

HARD = 20_000_000  # z3's steps for a query of a proof, which may take seconds


def induction(
    system: System, given: Property, lemmas: Mapping[str, Expr], say: Callable[[str], None] | None = None
) -> Induction:
    """The proof of a property of states, or what breaks it. `say` is told how far it is."""
    claims = {given.name: given.holds, **{f"lemma {name}": e for name, e in lemmas.items()}}
    states = sample(system)
    queries: Counter[str] = Counter()
    proved = False
    # first about few cells, which is fast; then about all, as what looks beside the point may tell two states apart
    for guessed in (candidates(system, states, cone(system, claims.values())), candidates(system, states)):
        encoding = Encoding(system, [*guessed, *claims.values()])
        together = houdini(encoding, [*claims.values(), *guessed], most=2 * MOST_QUERIES, say=say)
        queries += together.queries
        kept = set(together.invariants)
        proved = given.holds in kept and is_defined(system, encoding, given, together.invariants, queries)
        if proved:
            break
    failures: list[NotAtStart | BreakingStep] = []
    if not proved:
        failures = broken_claims(system, encoding, claims, together.invariants, queries)
    return Induction(
        proved=proved,
        solver=SOLVER,
        lemmas={name: e in kept for name, e in lemmas.items()},
        invariants=len(kept - set(claims.values())),
        given_up=together.given_up,
        failures=tuple(failures),
        queries=dict(queries),
    )


def cone(system: System, claims: Iterable[Expr]) -> set[int]:
    """The cells on which the claims and the conditions of actions depend, now or later."""
    stored: dict[int, set[int]] = {}
    for action in system.actions:
        for cell, expr in action.updates:
            stored.setdefault(cell, set()).update(cells_read(expr))
    pending = {c for e in (*claims, *(a.guard for a in system.actions)) for c in cells_read(e)}
    found: set[int] = set()
    while pending:
        cell = pending.pop()
        found.add(cell)
        pending |= stored.get(cell, set()) - found
    return found


def is_defined(
    system: System, encoding: Encoding, given: Property, invariants: Sequence[Expr], queries: Counter[str]
) -> bool:
    """Whether the property can be evaluated in every state."""
    here = encoding.state()
    solver = encoding.solver(encoding.domain(here), *(encoding.expr(e, here) for e in invariants), limit=HARD)
    for condition, _ in given.undefined:
        answer = ask(solver, encoding.expr(condition, here))
        queries[answer] += 1
        if answer != "unsat":
            return False
    return True


def broken_claims(
    system: System, encoding: Encoding, claims: Mapping[str, Expr], invariants: Sequence[Expr], queries: Counter[str]
) -> list[NotAtStart | BreakingStep]:
    """Each claim that some step breaks though all claims and invariants hold before it: the first such step, and a state."""
    here = encoding.state()
    proved = set(invariants)
    facts = [encoding.expr(e, here) for e in dict.fromkeys((*invariants, *claims.values()))]
    solver = encoding.solver(encoding.domain(here), *facts, limit=HARD)
    start = encoding.solver(encoding.initial(here), limit=HARD)
    found: list[NotAtStart | BreakingStep] = []
    for name, claim in claims.items():
        if claim in proved:
            continue
        answer = ask(start, encoding.no(encoding.expr(claim, here)))
        queries[answer] += 1
        if answer != "unsat":
            found.append(NotAtStart(name, answer))
            continue
        for index, action in enumerate(system.actions):
            after = substitute(claim, updates(action))
            if action.outcome != "step" or after == claim:
                continue
            solver.push()
            solver.add(encoding.expr(action.guard, here), encoding.no(encoding.expr(after, here)))
            answer = ask(solver)
            queries[answer] += 1
            state = few(solver, encoding, here) if answer == "sat" else None
            solver.pop()
            if answer != "unsat":
                found.append(breaking_step(system, name, index, answer, state))
                break
    return found


def few(solver: Any, encoding: Encoding, here: Symbols) -> State:
    """A state as asked, that differs from the initial one in as few cells as trying one after the other gives."""
    wanted: list[Term] = []
    state = encoding.values(solver.model(), here)
    for i, cell in enumerate(encoding.system.cells):
        same = encoding.same(here[i], encoding.code(cell.domain.truth, cell.initial[0]))
        if state[i] == cell.initial[0]:
            wanted.append(same)
        elif ask(solver, *wanted, same) == "sat":
            wanted.append(same)
            state = encoding.values(solver.model(), here)
    if ask(solver, *wanted) == "sat":
        state = encoding.values(solver.model(), here)
    return state


def breaking_step(system: System, claim: str, index: int, answer: str, state: State | None) -> BreakingStep:
    """A step that may break a claim, with the state before it and what it changes."""
    action = system.actions[index]
    record = BreakingStep(
        claim,
        answer,
        index,
        action.actor,
        action.label,
        action.span.file,
        action.span.line,
        tuple(f"{b.text} is {str(b.outcome).lower()}" for b in action.branches),
        None,
    )
    if state is None:
        return record
    shown = show_state(system, state)
    return replace(
        record,
        state={c.name: shown[c.name] for c, code in zip(system.cells, state, strict=True) if code != c.initial[0]},
        changes={
            system.cells[c].name: (shown[system.cells[c].name], system.cells[c].domain.show(int(evaluate(e, state))))
            for c, e in updates(action).items()
            if int(evaluate(e, state)) != state[c]
        },
        codes=tuple(state),
    )
