"""Proofs for sorts of any size: NAME is the function NAME in models/proofs/NAME.py, which builds a `RelationalSystem`."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from explorer.answer.catalogue import ROOT
from explorer.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from explorer.symbolic.relational.induction import Report
    from explorer.symbolic.relational.system import RelationalSystem


def proofs() -> dict[str, str]:
    """Name -> first line of the docstring, of the shipped proofs; read without importing them."""
    found = {}
    for file in sorted((ROOT / "models" / "proofs").glob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name == file.stem:
                found[file.stem] = (ast.get_docstring(node) or "").split("\n")[0]
    return found


def any_size(name: str, **switches: bool | str) -> RelationalSystem:
    """The system of that proof. Raises UsageError for an unknown name or switch, or a value that is not on or off."""
    if name not in proofs():
        raise UsageError(f"there is no proof {name!r}{did_you_mean(name, proofs(), listed=True)}")
    build: Callable[..., Any] = getattr(importlib.import_module(f"explorer.models.proofs.{name}"), name)
    known = list(inspect.signature(build).parameters)
    words = {"on": True, "off": False}
    for switch, value in switches.items():
        if switch not in known:
            raise UsageError(f"the proof {name} has no switch {switch!r}{did_you_mean(switch, known, listed=True)}")
        if isinstance(value, str):
            if value not in words:
                raise UsageError(f"the switch {switch} is on or off, not {value!r}")
            switches[switch] = words[value]
    system: RelationalSystem = build(**switches)
    return system


def prove_any_size(name: str, **switches: bool | str) -> Report:
    """What z3 says of the proof: `explorer.render.any_size.text` shows its `answer()`. Raises UsageError for an unknown name or
    switch, or a value that is not on or off."""
    from explorer.symbolic.relational.induction import prove

    return prove(any_size(name, **switches))
