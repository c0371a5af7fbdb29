"""Inductive invariants by Houdini: of many candidates, all that every action keeps while the others hold.

Flanagan and Leino, "Houdini, an annotation assistant for ESC/Java" (FME 2001). What is left at the end is proved: it holds
in the initial states, and each action, from any state in which all of it holds, leads to such a state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.expressions import cells_read
from explorer.semantics import predicate
from explorer.symbolic.encode import Encoding, ask
from explorer.system import Action, Expr, System


@dataclass(frozen=True)
class Proved:
    """`invariants`: each holds in every reachable state, and all together are inductive. `dropped`: candidates that are not.

    `queries`: how many were asked, by answer.
    """

    invariants: tuple[Expr, ...]
    dropped: int
    queries: dict[str, int]


def writes(action: Action) -> set[int]:
    """The cells that the action changes."""
    found = {c for c, _ in action.updates}
    if action.location is not None and action.location[1] != action.location[2]:
        found.add(action.location[0])
    return found


def houdini(system: System, encoding: Encoding, candidates: Sequence[Expr], given: Sequence[Expr] = ()) -> Proved:
    """The candidates that are inductive together, `given` invariants proved before being assumed.

    A query that z3 does not answer drops the candidates it was about.
    """
    queries = {"sat": 0, "unsat": 0, "unknown": 0}
    reads = {c: cells_read(c) for c in candidates}
    here = encoding.state()
    start = encoding.solver(encoding.initial(here))

    def asked(answer: str) -> str:
        queries[answer] += 1
        return answer

    def initially(parts: list[Expr]) -> list[Expr]:
        """Those that hold in all initial states: all at once, and by halves where that fails."""
        if not parts or asked(ask(start, encoding.either([negated(encoding, c, here) for c in parts]))) == "unsat":
            return parts
        if len(parts) == 1:
            return []
        return initially(parts[: len(parts) // 2]) + initially(parts[len(parts) // 2 :])

    active = dict.fromkeys(initially(list(candidates)))
    steps = [a for a in system.actions if a.outcome == "step"]
    changed = True
    while changed:
        changed = False
        solver = encoding.solver(
            encoding.domain(here), *(encoding.expr(c, here) for c in given), *(encoding.expr(c, here) for c in active)
        )
        for action in steps:
            touched = writes(action)
            concerned = [c for c in active if reads[c] & touched]
            if not concerned:
                continue
            after = encoding.after(action, here)
            solver.push()
            solver.add(encoding.expr(action.guard, here))
            while concerned:
                solver.push()
                solver.add(encoding.either([negated(encoding, c, after) for c in concerned]))
                answer = asked(ask(solver))
                if answer == "unsat":
                    solver.pop()
                    break
                if answer == "sat":
                    reached = encoding.values(solver.model(), after)
                    held = predicate(concerned)(reached, reached)
                    kept = [c for c, truth in zip(concerned, held, strict=True) if truth]
                    assert len(kept) < len(concerned), "z3's state breaks one of them"
                else:
                    kept = []
                solver.pop()
                for c in concerned:
                    if c not in kept:
                        del active[c]
                        changed = True
                concerned = [c for c in concerned if c in active]
            solver.pop()
    return Proved(tuple(active), len(candidates) - len(active), queries)


def negated(encoding: Encoding, expr: Expr, state: object) -> object:
    import z3

    return z3.Not(encoding.expr(expr, state))
