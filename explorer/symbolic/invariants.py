"""Inductive invariants by Houdini: of many candidates, all that every action keeps while the others hold.

Flanagan and Leino, "Houdini, an annotation assistant for ESC/Java" (FME 2001). What is left at the end is proved: it holds
in the initial states, and each action, from any state in which all of it holds, leads to such a state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_

import z3

from explorer.symbolic.encode import Encoding, Term, ask
from explorer.system.expressions import cells_read, substitute
from explorer.system.form import TRUE, Action, Constant, Expr
from explorer.system.intervals import Intervals
from explorer.system.semantics import Semantics, predicate

MOST_QUERIES = 1_500  # a count, so that every machine gives up at the same one
STEPS = 10_000_000  # of z3 for one query, which is about many candidates at once
FURTHER = 100  # states that are looked at after one that z3 gave


@dataclass(frozen=True)
class Proved:
    """`invariants`: each holds in every reachable state, and all together are inductive. `dropped`: candidates that are not;
    all of them, where an action is not proved to stay in the domains of the cells.

    `queries`: how many were asked, by answer. `given_up`: too many were needed, and all candidates are dropped.
    """

    invariants: tuple[Expr, ...]
    dropped: tuple[Expr, ...]
    queries: Counter[str]
    given_up: bool = False


def updates(action: Action) -> dict[int, Expr]:
    """What the action stores, the control point of its thread among it."""
    found = dict(action.updates)
    if action.location is not None and action.location[1] != action.location[2]:
        found[action.location[0]] = Constant(action.location[2])
    return found


def houdini(
    encoding: Encoding,
    candidates: Sequence[Expr],
    given: Sequence[Expr] = (),
    most: int = MOST_QUERIES,
    say: Callable[[str], None] | None = None,
) -> Proved:
    """The candidates that are inductive together, where the `given` invariants, proved before, hold.

    A query that z3 does not answer drops the candidates it was about. After `most` queries it is given up. `say` is told how
    far it is.
    """
    return Houdini(encoding, candidates, given, most).run(say)


class Houdini:
    """Each candidate has a mark, a Boolean that switches it on; z3 says of every proof which marks it needed."""

    def __init__(self, encoding: Encoding, candidates: Sequence[Expr], given: Sequence[Expr], most: int) -> None:
        self.encoding, self.system, self.most = encoding, encoding.system, most
        self.candidates = list(dict.fromkeys(candidates))
        self.here = encoding.state()
        self.queries: Counter[str] = Counter()
        self.active = dict.fromkeys(self.candidates)
        self.marks = {c: z3.Bool(f"candidate {i}", encoding.context) for i, c in enumerate(self.candidates)}
        self.unmarked = {c: encoding.no(mark) for c, mark in self.marks.items()}
        self.of_mark = {mark.get_id(): c for c, mark in self.marks.items()}
        self.reads = {c: cells_read(c) for c in self.candidates}
        facts = (encoding.domain(self.here), *(encoding.expr(c, self.here) for c in given))
        self.solver = encoding.solver(*facts, limit=STEPS)
        self.semantics = Semantics(self.system)
        self.intervals = Intervals(self.system)

    def run(self, say: Callable[[str], None] | None = None) -> Proved:
        start = self.encoding.solver(self.encoding.initial(self.here))
        for c in self.candidates:
            start.add(self.encoding.either([self.unmarked[c], self.encoding.no(self.encoding.expr(c, self.here))]))
        self.initially(start, self.candidates)
        for c in self.active:
            self.solver.add(self.encoding.either([self.unmarked[c], self.encoding.expr(c, self.here)]))
        self.values = predicate(self.candidates)
        steps = [a for a in self.system.actions if a.outcome == "step"]
        goals = [self.goals(a) for a in steps]
        needed: dict[int, set[Expr]] = {}
        waiting = dict.fromkeys(range(len(steps)))
        while waiting:
            if self.queries.total() > self.most:
                return Proved((), tuple(self.candidates), self.queries, given_up=True)
            if say is not None:
                say(
                    f"z3: {len(self.active):,} of {len(self.candidates):,} candidates for invariants left, {len(waiting):,} "
                    f"steps to ask about, {self.queries.total():,} of at most {self.most:,} queries"
                )
            index = next(iter(waiting))
            del waiting[index]
            lost, needed[index] = self.keep(steps[index], goals[index])
            for other, marks in needed.items():
                if lost & marks:
                    waiting[other] = None
        if not all(map(self.stays, steps)):
            return Proved((), tuple(self.candidates), self.queries)
        dropped = tuple(c for c in self.candidates if c not in self.active)
        return Proved(tuple(self.active), dropped, self.queries)

    def stays(self, action: Action) -> bool:
        """Whether what the action stores is in the domains, as all proofs assume of every state. Lowering sees to it: where a
        value may leave its range, the guard says that it does not, and another action that it does."""
        outside = []
        for cell, expr in action.updates:
            domain = self.system.cells[cell].domain
            low, high = self.intervals.of(expr)
            if low < domain.lo or high > domain.top:
                value = self.encoding.expr(expr, self.here)
                inside = [value >= self.encoding.number(domain.lo), value <= self.encoding.number(domain.top)]
                outside.append(self.encoding.no(self.encoding.both(inside)))
        if not outside:
            return True
        self.solver.push()
        self.solver.add(self.encoding.expr(action.guard, self.here), self.encoding.either(outside))
        answer = self.answer_to(self.solver, *(self.marks[c] for c in self.active))
        self.solver.pop()
        return answer == "unsat"

    def answer_to(self, solver: z3.Solver, *assumptions: Term) -> str:
        answer = ask(solver, *assumptions)
        self.queries[answer] += 1
        return answer

    def initially(self, start: z3.Solver, parts: list[Expr]) -> None:
        """Drop those that do not hold in all initial states: all are asked at once, and by halves where that fails."""
        if not parts:
            return
        start.push()
        start.add(self.encoding.either([self.marks[c] for c in parts]))
        answer = self.answer_to(start)
        start.pop()
        if answer == "unsat":
            return
        if len(parts) == 1:
            del self.active[parts[0]]
            return
        self.initially(start, parts[: len(parts) // 2])
        self.initially(start, parts[len(parts) // 2 :])

    def goals(self, action: Action) -> dict[Expr, Expr]:
        """What must hold before the action for each candidate to hold after it, where that is not the candidate itself."""
        stored = updates(action)
        known: dict[Expr, Expr] = {}
        found: dict[Expr, Expr] = {}
        for c in self.active:
            if not self.reads[c].isdisjoint(stored):
                wanted = substitute(c, stored, known)
                if wanted != c and wanted != TRUE:
                    found[c] = wanted
        return found

    def keep(self, action: Action, goals: dict[Expr, Expr]) -> tuple[set[Expr], set[Expr]]:
        """Drop what the action does not keep; gives that, and what the proof of the rest needs."""
        lost: set[Expr] = set()
        needed: set[Expr] = set()
        groups = [list(goals)]
        self.solver.push()
        self.solver.add(self.encoding.expr(action.guard, self.here))
        while groups:
            group = [c for c in groups.pop() if c in self.active]
            if not group:
                continue
            wrong = [self.encoding.no(self.encoding.expr(e, self.here)) for e in dict.fromkeys(goals[c] for c in group)]
            self.solver.push()
            self.solver.add(self.encoding.either(wrong))
            answer = self.answer_to(self.solver, *(self.marks[c] for c in self.active))
            if answer == "unsat":
                needed |= {self.of_mark[mark.get_id()] for mark in self.solver.unsat_core()}
            before = self.encoding.values(self.solver.model(), self.here) if answer == "sat" else None
            self.solver.pop()
            if answer == "unknown" and len(group) > 1:  # too much at once
                groups += [group[: len(group) // 2], group[len(group) // 2 :]]
            elif answer != "unsat":
                broken = set(group) if before is None else set(self.broken_candidates(before))
                assert broken, "z3's state breaks one of them"
                lost |= broken
                for c in broken:
                    del self.active[c]
                groups.append(group)
        self.solver.pop()
        return lost, needed

    def broken_candidates(self, before: tuple[int, ...]) -> Iterable[Expr]:
        """The candidates that are false after some steps from this state, in which all of them hold: what one step breaks is
        no invariant, and of what is left all holds after it."""
        seen, pending = {before}, [before]
        while pending and len(seen) < FURTHER:
            for _, after in self.semantics.successors(pending.pop()):
                if after is not None and after not in seen:
                    seen.add(after)
                    pending.append(after)
                    false = compress(self.candidates, map(not_, self.values(after, after)))
                    yield from (c for c in false if c in self.active)
