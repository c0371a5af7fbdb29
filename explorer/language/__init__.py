"""What a modeller imports: parts, state, steps, rules, properties.

It knows neither the form of a system nor who runs it.
"""

from typing import TYPE_CHECKING, Any

from explorer.errors.renamed import LEFT
from explorer.language.model import Model, Part, Thread, Threads
from explorer.language.properties import Property, always, always_step, before, eventually, leads_to
from explorer.language.rules import Rules, any_of
from explorer.language.sorts import (
    Atom,
    Range,
    Scalarset,
    Sort,
    optional,
    pairs,
    record,
    replace,
    subset,
    union,
    without,
)
from explorer.language.state import Array, array, ghost, local, var
from explorer.language.steps import choose, step

__all__ = [
    "Array",
    "Atom",
    "Model",
    "Part",
    "Property",
    "Range",
    "Rules",
    "Scalarset",
    "Sort",
    "Thread",
    "Threads",
    "always",
    "always_step",
    "any_of",
    "array",
    "before",
    "choose",
    "eventually",
    "ghost",
    "leads_to",
    "local",
    "optional",
    "pairs",
    "record",
    "replace",
    "step",
    "subset",
    "union",
    "var",
    "without",
]

if not TYPE_CHECKING:  # mypy is to know what is not there

    def __getattr__(name: str) -> Any:
        if name in LEFT:
            raise ImportError(LEFT[name])
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
