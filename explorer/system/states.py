"""States of a System for a reader: the cells of one variable put together again."""

from __future__ import annotations

from explorer.system.form import Cell, System
from explorer.system.semantics import State


def variables(system: System, state: State) -> dict[str, str]:
    """Every declared variable (no locals, no control points) and its value as text, in order of declaration.

    The text is the one that `language.sorts.state_text` gives for the Python value.
    """
    grouped: dict[str, list[tuple[tuple[str, ...], Cell, int]]] = {}
    for cell, code in zip(system.cells, state, strict=True):
        if not cell.owner and cell.variable:
            grouped.setdefault(cell.variable, []).append((cell.path, cell, code))
    return {name: _text(parts) for name, parts in grouped.items()}


def _text(parts: list[tuple[tuple[str, ...], Cell, int]]) -> str:
    """The text of a value from its cells, each with its place inside the value."""
    if parts[0][0] == ("?",):
        if not parts[0][2]:
            return "None"
        parts = parts[1:]
    if parts[0][0] == ():
        _, cell, code = parts[0]
        return cell.domain.show(code)
    if parts[0][0] == ("is",):
        _, kind, at = parts[0]
        inside = [part for part in parts[1:] if at in part[1].kinds]
        said = [kind.domain.show(at).replace("_", " ")] if at else []
        return ", ".join([*said, *([_text(inside)] if inside else [])])
    if parts[0][0][0].startswith("has "):
        return "{" + ", ".join(sorted(path[0][4:] for path, _, code in parts if code)) + "}"
    fields: dict[str, list[tuple[tuple[str, ...], Cell, int]]] = {}
    for path, cell, code in parts:
        fields.setdefault(path[0], []).append((path[1:], cell, code))
    if list(fields) == ["0", "1"]:
        return "(" + ", ".join(map(_text, fields.values())) + ")"
    said = [_field(name, part) for name, part in fields.items() if any(c.usual != code for _, c, code in part)]
    return ", ".join(said) or "plain"


def _field(name: str, inner: list[tuple[tuple[str, ...], Cell, int]]) -> str:
    path, cell, code = inner[0]
    if path == () and cell.domain.truth:
        return name if code else f"not {name}"
    text = _text(inner)
    if path == () and cell.domain.kind == "scalarset" and cell.domain.name == name and text != "None":
        return text
    record = len(inner) > 1 and not path[0].startswith("has ") and text != "None" and not text.startswith(("(", "{"))
    return f"{name}=({text})" if record else f"{name}={text}"
