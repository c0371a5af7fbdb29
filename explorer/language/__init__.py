"""What a modeller imports."""

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
from explorer.language.steps import choose, choose_alike, step

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
    "choose_alike",
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
