"""docs/routines.md: every routine of the kernel parts that names a kernel function has a row, and nothing else has one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "routines.md").read_text()
ROWS = [
    tuple(cell.strip() for cell in line[1:-1].split("|"))
    for line in TEXT[TEXT.index("<!-- routines -->") :].splitlines()[3:]
]


def routines(node: ast.AST, prefix: str) -> Iterator[tuple[str, str]]:
    """(dotted name, kernel function) of each function below the node whose docstring begins with PATH:FUNCTION()."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            match = re.match(r"([\w./-]+\.[ch]:\w+\(\))", ast.get_docstring(child) or "")
            if match is not None and not isinstance(child, ast.ClassDef):
                yield f"{prefix}.{child.name}", match[1]
            yield from routines(child, f"{prefix}.{child.name}")


def test_every_routine_has_a_row() -> None:
    found = [
        (f"`{name}`", f"`{function}`")
        for path in sorted((ROOT / "models" / "linux").glob("*.py"))
        for name, function in routines(ast.parse(path.read_text()), path.stem)
    ]
    assert len(found) > 200 and found == [row[:2] for row in ROWS]


def test_every_row_says_where_it_was_read_and_how_it_stands() -> None:
    for name, _, read, order in ROWS:
        assert re.match(r"v\d+\.\d+|recalled$", read), name
        assert re.match(r"(same|mended|abstracted|new)\b", order), name
        assert not order.startswith("abstracted") or len(order) > 20, f"{name}: why"
