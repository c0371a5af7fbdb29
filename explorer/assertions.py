"""The assertions of a system one by one: each is a place in the source, however many actions fail there."""

from __future__ import annotations

import os
from collections import Counter

from explorer.reduction.symmetry import Symmetry
from explorer.system import Action, System

Place = tuple[str, int, int, str]  # file, line, column, and what it says: a routine may be given that by its caller


def is_assertion(action: Action) -> bool:
    return action.outcome == "failure" and action.failure is not None and action.failure.kind == "assert"


def place(action: Action) -> Place:
    """The assertion that the action fails."""
    assert action.failure is not None
    at = action.failure.span
    return at.file, at.line, at.column, action.failure.text


def assertions(system: System) -> dict[str, Place]:
    """Each assertion by its name, ``assertion mm.py:42``, in the order of the actions; none where there is only one, for which
    the property `assertions` speaks. No two have the same name, and none has that of a property."""
    places = list(dict.fromkeys(place(a) for a in system.actions if is_assertion(a)))
    if len(places) < 2:
        return {}
    forms = [
        [
            f"{os.path.basename(file)}:{line}",
            f"{os.path.basename(file)}:{line} ({text})",
            f"{file}:{line}:{column} ({text})",
        ]
        for file, line, column, text in places
    ]
    counts = Counter(form for found in forms for form in set(found))
    taken = {p.name for p in system.properties}
    named: dict[str, Place] = {}
    for number, (given, found) in enumerate(zip(places, forms, strict=True)):
        names = [f"assertion {form}" for form in found if counts[form] == 1]
        fitting = [n for n in names if n not in taken]
        named[fitting[0] if fitting else f"assertion {number}"] = given
    return named


def failing_at(system: System, given: Place) -> frozenset[int]:
    """The actions that fail the assertion."""
    return frozenset(i for i, a in enumerate(system.actions) if is_assertion(a) and place(a) == given)


def crossing(system: System, symmetry: Symmetry) -> list[str]:
    """The sorts whose values fail assertions in different places.

    If one fails, others need not: the initial states may tell the values apart. What stands for a state would not say which.
    """
    asserts = {i: place(a) for i, a in enumerate(system.actions) if is_assertion(a)}
    return [
        sort
        for sort, generators in symmetry.sorts.items()
        if any(asserts[g.images[i]] != at for g in generators for i, at in asserts.items())
    ]
