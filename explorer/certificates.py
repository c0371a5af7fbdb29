"""Certificates of systems, each proved once on a machine and kept."""

from __future__ import annotations

from collections.abc import Sequence

from explorer import content, kept
from explorer.expressions import to_data
from explorer.reduction.certificate import Certificate
from explorer.system import Expr, System


def certificate(system: System, lemmas: Sequence[Expr] = ()) -> Certificate:
    """What z3 proves of the system, as `symbolic.prepare`, or as it is kept. Raises ImportError where z3 is missing."""
    from explorer.symbolic.encode import SOLVER

    made = content.of_system(system)
    key = None
    if made is not None:
        key = content.digest(content.tool(), made, SOLVER, repr([to_data(e) for e in lemmas]))
        known = kept.recall_json("certificates", key)
        if known is not None:
            return Certificate.of_json(known)
    from explorer.symbolic.prepare import prepare

    found = prepare(system, lemmas)
    if key is not None:
        kept.keep_json("certificates", key, found.to_json())
    return found
