"""The assertions of a system one by one: each is a place in the source, however many actions fail there."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping

from explorer.system.form import Action, System

ASSERTIONS = "assertions"  # the property that speaks of all of them

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


def failing_actions(system: System) -> dict[str, frozenset[int]]:
    """Each assertion by its name, and the actions that fail it."""
    places = {i: place(a) for i, a in enumerate(system.actions) if is_assertion(a)}
    return {name: frozenset(i for i, at in places.items() if at == its) for name, its in assertions(system).items()}


def failed_assertions(asserted: Mapping[str, frozenset[int]], actions: Collection[int]) -> dict[str, frozenset[int]]:
    """Those of the assertions, as `failing_actions` gives them, that one of the actions fails."""
    return {name: own for name, own in asserted.items() if not own.isdisjoint(actions)}
