"""An exhaustive interleaving explorer for Linux memory-management races.

from explorer import check, load
result = check(load("rdma_fork")(), depth=40)
print(result)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.answer.catalogue import load
    from explorer.answer.checking import check
    from explorer.answer.replaying import replay
    from explorer.answer.result import PropertyResult, Result, Verdict
    from explorer.answer.trace import Trace
    from explorer.errors import ExplorerError, LanguageError, ModelError, ScheduleError, UsageError
    from explorer.language import (
        Array,
        Atom,
        Model,
        Part,
        Property,
        Range,
        Rules,
        Scalarset,
        Sort,
        always,
        always_step,
        any_of,
        array,
        before,
        choose,
        eventually,
        ghost,
        leads_to,
        local,
        optional,
        pairs,
        record,
        replace,
        step,
        subset,
        union,
        var,
        without,
    )
    from explorer.lowering import lower

HOMES = {
    "load": "explorer.answer.catalogue",
    "check": "explorer.answer.checking",
    "lower": "explorer.lowering",
    "replay": "explorer.answer.replaying",
    "Trace": "explorer.answer.trace",
    **dict.fromkeys(("PropertyResult", "Result", "Verdict"), "explorer.answer.result"),
    **dict.fromkeys(("ExplorerError", "LanguageError", "ModelError", "ScheduleError", "UsageError"), "explorer.errors"),
    **dict.fromkeys(
        (
            "Array",
            "Atom",
            "Model",
            "Part",
            "Property",
            "Range",
            "Rules",
            "Scalarset",
            "Sort",
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
        ),
        "explorer.language",
    ),
}

__all__ = [
    "Array",
    "Atom",
    "ExplorerError",
    "LanguageError",
    "Model",
    "ModelError",
    "Part",
    "Property",
    "PropertyResult",
    "Range",
    "Result",
    "Rules",
    "Scalarset",
    "ScheduleError",
    "Sort",
    "Trace",
    "UsageError",
    "Verdict",
    "always",
    "always_step",
    "any_of",
    "array",
    "before",
    "check",
    "choose",
    "eventually",
    "ghost",
    "leads_to",
    "load",
    "local",
    "lower",
    "optional",
    "pairs",
    "record",
    "replace",
    "replay",
    "step",
    "subset",
    "union",
    "var",
    "without",
]


def __getattr__(name: str) -> Any:
    if name in HOMES:
        import importlib

        return getattr(importlib.import_module(HOMES[name]), name)
    from explorer.errors.renamed import LEFT

    if name in LEFT:
        raise ImportError(LEFT[name])
    raise AttributeError(f"module 'explorer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
