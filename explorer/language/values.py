"""Parameters of models and rules of kernels as text, as the command line has them; and the values that a rule can have."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

from explorer.language.model import Model
from explorer.language.rules import Rules
from explorer.language.sorts import show

PLAIN = (bool, int, float, str, bytes, complex)


def parameter_text(value: Any) -> str:
    """The value of a parameter: a kernel or a design by its name, ``on`` or ``off``, a text as it is."""
    name = getattr(value, "name", None)
    if isinstance(name, str) and not hasattr(type(value), "__members__"):
        return name
    if isinstance(value, bool):
        return "on" if value else "off"
    return show(value) if not isinstance(value, str) else value


def parameters_text(model: Model) -> dict[str, str]:
    """All parameters of the model: name -> text."""
    return {name: parameter_text(value) for name, value in model.parameters.items()}


def kernel_text(model: Model) -> str | None:
    """The model's kernel, None where it has none."""
    kernel = model.parameters.get("kernel")
    return None if kernel is None else parameter_text(kernel)


def rule_text(value: Any) -> str:
    """The value of a rule: a member of an Enum in lower case."""
    return parameter_text(value).lower() if isinstance(value, bool | Enum) else parameter_text(value)


def value_text(value: Any) -> str | None:
    """What the value of a rule is kept under: equal texts, equal values. None for one that has no such text."""
    if value is None or type(value) in PLAIN:
        return repr(value)
    if isinstance(value, Enum):
        return f"{type(value).__module__}.{type(value).__qualname__}.{value.name}"
    return None


def rule_values(value: Any) -> tuple[Any, ...]:
    """The values of a rule that has this one; none where they can't be listed."""
    if isinstance(value, bool):
        return (False, True)
    return tuple(type(value)) if isinstance(value, Enum) else ()


def listed_rules(record: Rules) -> dict[str, Any]:
    """Rule -> value of a record, of those whose values can be listed. Nothing is noted as read."""
    values = {f.name: object.__getattribute__(record, f.name) for f in dataclasses.fields(record)}  # type: ignore[arg-type]
    return {name: value for name, value in values.items() if rule_values(value)}
