"""What the search uses, proved before it: invariants, type safety, actions that never fire, properties that hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from explorer.cache import content
from explorer.reduction.certificate import Certificate
from explorer.reduction.goals import ASSERTIONS
from explorer.symbolic.candidates import candidates, sample
from explorer.symbolic.encode import MOST_BITS, SOLVER, Asker, Encoding, ask
from explorer.symbolic.invariants import MOST_QUERIES, houdini, updates
from explorer.system.assertions import is_assertion
from explorer.system.expressions import substitute
from explorer.system.form import Expr, Property, System


def prepare(system: System, lemmas: Sequence[Expr] = (), say: Callable[[str], None] | None = None) -> Certificate:
    """Prove what can be proved of the system; `lemmas`: invariants that its author believes in, candidates like others.
    `say` is told how far it is."""
    digest = content.of_system(system) or ""
    found = [*lemmas, *candidates(system, sample(system))]
    encoding = Encoding(system, found)
    if encoding.width > MOST_BITS:
        return Certificate(
            digest, SOLVER, (), (), given_up=f"values of {encoding.width} bits are too wide to reason about"
        )
    proved = houdini(encoding, found, say=say)
    queries = Counter(proved.queries)
    facts = Facts(encoding, proved.invariants, queries)
    dead = tuple(i for i, a in enumerate(system.actions) if facts.refute(a.guard))
    return Certificate(
        system=digest,
        solver=SOLVER,
        invariants=proved.invariants,
        dead=dead,
        proved=(*(p.name for p in system.properties if facts.holds(p, dead)), *assertions_proved(system, dead)),
        queries=dict(queries),
        candidates=len(found),
        given_up=f"more than {MOST_QUERIES:,} queries for invariants" if proved.given_up else "",
    )


def assertions_proved(system: System, dead: Sequence[int]) -> tuple[str, ...]:
    """The name of all assertions, where none can fail."""
    fail = {i for i, a in enumerate(system.actions) if is_assertion(a)}
    return (ASSERTIONS,) if fail <= set(dead) else ()


class Facts(Asker):
    """Questions about states in which invariants hold."""

    def __init__(self, encoding: Encoding, invariants: Iterable[Expr], queries: Counter[str] | None = None) -> None:
        self.encoding, self.system = encoding, encoding.system
        self.queries = Counter[str]() if queries is None else queries
        self.here = encoding.state()
        self.solver = encoding.solver(encoding.domain(self.here), *(encoding.expr(e, self.here) for e in invariants))

    def refute(self, *conditions: Expr) -> bool:
        """Whether no such state makes all of the conditions true."""
        return self.refuted(*(self.encoding.expr(c, self.here) for c in conditions))

    def holds(self, given: Property, dead: Sequence[int] = ()) -> bool:
        """Whether a property of states holds in every reachable one: it does at the start and no action breaks it."""
        if given.kind != "always" or any(not self.refute(condition) for condition, _ in given.undefined):
            return False
        encoding, here = self.encoding, self.here
        wrong = encoding.no(encoding.expr(given.holds, here))
        if self.refuted(wrong):
            return True
        start = encoding.solver(encoding.initial(here), wrong)
        answer = ask(start)
        self.queries[answer] += 1
        return answer == "unsat" and all(
            i in dead or action.outcome != "step" or self.kept(given.holds, action.guard, updates(action))
            for i, action in enumerate(self.system.actions)
        )

    def kept(self, claim: Expr, guard: Expr, stored: dict[int, Expr]) -> bool:
        """Whether the claim, where it holds and the guard does, holds after what is stored."""
        after = substitute(claim, stored)
        if after == claim:
            return True
        encoding, here = self.encoding, self.here
        return self.refuted(
            encoding.expr(guard, here), encoding.expr(claim, here), encoding.no(encoding.expr(after, here))
        )
