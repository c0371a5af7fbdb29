"""Proofs by induction: a property of a model with its invariants and lemmas, where no search can end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from explorer.answer.checking import select
from explorer.errors import UsageError
from explorer.language.model import Model
from explorer.language.values import parameters_text
from explorer.lowering import lower
from explorer.symbolic.answers import AnalysisAnswer, InductionAnswer
from explorer.system.form import Expr, System

if TYPE_CHECKING:
    from explorer.language.properties import Property


def lowered_model(model: Model, properties: Sequence[str] | None) -> tuple[System, list[Expr]]:
    """The system with these properties (None: all), and what the model's lemmas say of its states.

    Raises UsageError for a name that is no property of it.
    """
    claims, _ = select(model, properties)
    system = lower(model, [*claims, *lemma_properties(model)])
    count = len(system.properties) - len(model.lemmas)
    lemmas = [p.holds for p in system.properties[count:]]
    return dataclasses.replace(system, properties=system.properties[:count]), lemmas


def lemma_properties(model: Model) -> list[Property]:
    """The lemmas, with names that no property has."""
    return [dataclasses.replace(lemma, name=f"lemma {lemma.name}") for lemma in model.lemmas]


def prove(model: Model, name: str, say: Callable[[str], None] | None = None) -> tuple[InductionAnswer, System]:
    """Whether the property holds by induction, and the system that it was asked of. `say` is told how far it is.

    Raises UsageError where it can't be asked.
    """
    from explorer.symbolic.induction import induction

    system, lemmas = lowered_model(model, [name])
    given = next((p for p in system.properties if p.name == name or p.name.split("[")[0] == name), None)
    if given is None:
        raise UsageError(f"{name} does not apply to {model.name}: it does not have the parts it speaks about")
    if given.kind != "always":
        raise UsageError(f"{name} is of kind {given.kind}; induction proves what holds in every state (always)")
    found = induction(system, given, dict(zip((lemma.name for lemma in model.lemmas), lemmas, strict=True)), say)
    return InductionAnswer(model.name, parameters_text(model), name, found), system


def analysis(model: Model, say: Callable[[str], None] | None = None) -> AnalysisAnswer:
    """What z3 proves of the model with all its properties. `say` is told how far it is."""
    from explorer.symbolic.analyze import analyze
    from explorer.symbolic.certificates import certificate

    system, lemmas = lowered_model(model, None)
    proved = certificate(system, lemmas, say)
    if say is not None:
        say("z3: which steps commute, and what is symmetric")
    return AnalysisAnswer(model.name, parameters_text(model), analyze(system, proved))
