"""Proofs by induction: a property of a model with its invariants and lemmas, where no search can end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from explorer.answer.checking import select, settings
from explorer.errors import UsageError
from explorer.language.model import Model
from explorer.lowering import lower
from explorer.system.form import Expr, System

if TYPE_CHECKING:
    from explorer.language.properties import Property


def lowered(model: Model, properties: Sequence[str] | None) -> tuple[System, list[Expr]]:
    """The system with these properties (None: all), and what the model's lemmas say of its states.

    Raises UsageError for a name that is no property of it.
    """
    claims, _ = select(model, properties)
    system = lower(model, [*claims, *named(model)])
    count = len(system.properties) - len(model.lemmas)
    lemmas = [p.holds for p in system.properties[count:]]
    return dataclasses.replace(system, properties=system.properties[:count]), lemmas


def named(model: Model) -> list[Property]:
    """The lemmas, with names that no property has."""
    return [dataclasses.replace(lemma, name=f"lemma {lemma.name}") for lemma in model.lemmas]


def prove(model: Model, name: str, say: Callable[[str], None] | None = None) -> tuple[dict[str, Any], System]:
    """Whether the property holds by induction, as plain data (docs/prove.md), and the system that it was asked of. `say` is
    told how far it is.

    Raises UsageError where it can't be asked.
    """
    from explorer.symbolic.induction import induction

    system, lemmas = lowered(model, [name])
    given = next((p for p in system.properties if p.name == name or p.name.split("[")[0] == name), None)
    if given is None:
        raise UsageError(f"{name} does not apply to {model.name}: it does not have the parts it speaks about")
    if given.kind != "always":
        raise UsageError(f"{name} is of kind {given.kind}; induction proves what holds in every state (always)")
    answer = induction(system, given, dict(zip((lemma.name for lemma in model.lemmas), lemmas, strict=True)), say)
    told = {"schema": 1, "model": model.name, "parameters": settings(model), "property": name, **answer}
    return told, system
