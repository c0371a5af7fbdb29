"""What z3 proves of systems, each proved once on a machine and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from explorer.cache import content, kept
from explorer.reduction.certificate import Certificate
from explorer.system.expressions import to_data
from explorer.system.form import Expr, System


class Data(Protocol):
    """What can be kept."""

    def to_json(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Data)


def proved_once(
    kind: str, system: System, also: str, prove: Callable[[], T], of_json: Callable[[Mapping[str, Any]], T]
) -> T:
    """What is proved of the system, or what is kept of it under that kind. `also`: what else the answer depends on.

    Raises ImportError where z3 is missing.
    """
    from explorer.symbolic.encode import SOLVER

    made = content.of_system(system)
    if made is None:
        return prove()
    key = content.digest(content.tool(), made, SOLVER, also)
    known = kept.recall_json(kind, key)
    if known is not None:
        return of_json(known)
    found = prove()
    kept.keep_json(kind, key, found.to_json())
    return found


def certificate(system: System, lemmas: Sequence[Expr] = (), say: Callable[[str], None] | None = None) -> Certificate:
    """The facts of `symbolic.prepare`; `say` is told how far it is. Raises ImportError where z3 is missing."""

    def prove() -> Certificate:
        from explorer.symbolic.prepare import prepare

        return prepare(system, lemmas, say)

    return proved_once("certificates", system, repr([to_data(e) for e in lemmas]), prove, Certificate.of_json)
