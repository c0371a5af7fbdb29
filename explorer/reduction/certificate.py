"""What z3 proved of a system before its search: plain data, which a search may use and anybody may ask about again."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.process import foreign
from explorer.reduction.goals import ASSERTIONS
from explorer.system.assertions import is_assertion
from explorer.system.expressions import conj, of_data, to_data
from explorer.system.form import FALSE, Action, Expr, System
from explorer.system.wellformed import is_condition


@dataclass(frozen=True)
class Certificate:
    """Facts about every reachable state of one system.

    `system`: its digest (`content.of_system`). `solver`: who proved it. `invariants`: inductive together. `dead`: actions that
    never fire. `proved`: properties that hold. `queries`: how many were asked, by answer: "unsat" proves, "unknown" proves
    nothing. `candidates`: how many invariants were tried. `given_up`: why there may be fewer facts than there could be, or "".
    """

    system: str
    solver: str
    invariants: tuple[Expr, ...]
    dead: tuple[int, ...]
    proved: tuple[str, ...] = ()
    queries: Mapping[str, int] = field(default_factory=dict)
    candidates: int = 0
    given_up: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            **{f.name: getattr(self, f.name) for f in dataclasses.fields(self)},
            "invariants": [to_data(e) for e in self.invariants],
            "queries": dict(self.queries),
        }

    @classmethod
    def of_json(cls, given: Mapping[str, Any]) -> Certificate:
        """What `to_json` gave. Raises KeyError and TypeError for other data."""
        return cls(
            **{
                **given,
                "invariants": tuple(map(of_data, given["invariants"])),
                "dead": tuple(given["dead"]),
                "proved": tuple(given["proved"]),
            }
        )


def claimed_certificate(given: Any, system: System) -> Certificate:
    """The certificate in data from outside, which says something of this system: nothing is believed of it yet.

    Raises foreign.Malformed where it speaks of what the system does not have.
    """
    whole = foreign.mapping(given, [f.name for f in dataclasses.fields(Certificate)])
    invariants = tuple(claim(one, system) for one in foreign.items(whole["invariants"]))
    dead = foreign.naturals(whole["dead"], max(len(system.actions) - 1, 0))
    proved = foreign.texts(whole["proved"])
    if len(set(dead)) < len(dead) or dead and not system.actions:
        raise foreign.Malformed("an action is dead twice")
    always = [p.name for p in system.properties if p.kind == "always"]
    for name in proved:
        foreign.one_of(name, [*always, ASSERTIONS])
    if ASSERTIONS in proved and not {i for i, a in enumerate(system.actions) if is_assertion(a)} <= set(dead):
        raise foreign.Malformed("it says that all assertions hold, and not that none can fail")
    queries = {name: foreign.natural(count) for name, count in foreign.mapping(whole["queries"]).items()}
    return Certificate(
        foreign.text(whole["system"]),
        foreign.text(whole["solver"]),
        invariants,
        dead,
        proved,
        queries,
        foreign.natural(whole["candidates"]),
        foreign.text(whole["given_up"]),
    )


def claim(given: Any, system: System) -> Expr:
    """A condition in data from outside. Raises foreign.Malformed where it is none about one state of the system."""
    try:
        expr = of_data(given)
    except (LookupError, TypeError, ValueError, RecursionError):
        raise foreign.Malformed(f"{foreign.excerpt(given)[:60]} is no condition") from None
    if not is_condition(system, expr):
        raise foreign.Malformed(f"{foreign.excerpt(given)[:60]} is no condition of this system")
    return expr


def traps(system: System, dead: Collection[int]) -> list[int]:
    """The actions by which a value could leave its sort or an index its array: none, where the system is proved type-safe."""
    return [i for i, a in enumerate(system.actions) if i not in dead and may_trap(a)]


def may_trap(action: Action) -> bool:
    """The action is an error of the model, not a step or an assertion."""
    return action.failure is not None and action.outcome == "failure" and action.failure.kind != "assert"


def without(system: System, dead: Collection[int]) -> System:
    """The system whose dead actions have a guard that is false: they keep their numbers, and cost a search nothing."""
    if not dead:
        return system
    known = set(dead)
    return dataclasses.replace(
        system,
        actions=tuple(
            dataclasses.replace(a, guard=conj(a.guard, FALSE)) if i in known else a
            for i, a in enumerate(system.actions)
        ),
    )
