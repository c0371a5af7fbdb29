"""Symmetry that the text of a system shows: each action with two values exchanged is, word by word, an action of the system.

Nothing has to be proved then, so this is asked first, and small searches ask nothing else. Words are compared as `Forms` has
them: the order of arguments does not count, and a choice by a cell is what comes of each of its codes, those for no value too.
"""

from __future__ import annotations

from explorer.reduction.exchanges import (
    Exchange,
    Forms,
    Images,
    Mixed,
    Renaming,
    Unlike,
    exchange,
    sorts_alike,
    threads_alike,
)
from explorer.reduction.symmetry import Certified, Generator, certified_by, plural
from explorer.system.expressions import disj
from explorer.system.form import LIVENESS, Expr, Property, System


def to_the_letter(system: System) -> Certified:
    """What is symmetric to the letter. `refused`: the sorts that are not, which may yet be alike."""
    if any(p.kind in LIVENESS for p in system.properties):
        return Certified(None, ("what is said about whole runs is decided without symmetry",), {})
    sorts, refused = sorts_alike(system)
    images = Images(system) if sorts else None
    found: list[Generator] = []
    letters = 0
    for alike in sorts:
        assert images is not None
        generators: list[Generator] = []
        try:
            for a, b in zip(alike.codes, alike.codes[1:], strict=False):
                given = exchange(system, alike, a, b)
                threads_alike(system, given)
                image, literally = images.of(given)
                if not all(literally):
                    raise Unlike(f"it is not {given.named[0]} and {given.named[1]} exchanged, word by word")
                letters += len(image) + same_properties(system, given, images.exact)
                generators.append(Generator(alike.domain, given.named, given.cells, given.codes, image))
        except Unlike as reason:
            refused.append(f"{plural(alike.domain)}: {reason}")
        else:
            found += generators
    return certified_by(system, found, refused, {"letter": letters} if letters else {})


def same_properties(system: System, given: Exchange, forms: Forms) -> int:
    """How many conditions of properties there are, all of which say the same of exchanged states. Raises Unlike."""
    renaming = Renaming(system, given)
    conditions = 0
    for claim in system.properties:
        for expr in conditions_of(claim):
            conditions += 1
            if not same(expr, renaming, forms):
                raise Unlike(f"the property {claim.name} may tell {given.named[0]} from {given.named[1]}")
    return conditions


def conditions_of(claim: Property) -> tuple[Expr, ...]:
    """All that a property says: where it holds, where it asks, and where it can't be evaluated."""
    return claim.holds, claim.trigger, disj(*(e for e, _ in claim.undefined))


def same(expr: Expr, renaming: Renaming, forms: Forms) -> bool:
    """Whether the condition with the two values exchanged is the condition, to the letter."""
    try:
        return forms.of(renaming.of(expr)) == forms.of(expr)
    except Mixed:
        return False
