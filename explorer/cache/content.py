"""Digests of what an answer depends on: a model's source files, the tool's own, a lowered system."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from explorer.system.form import Apply, Branch, Constant, Read, Span, System

ROOT = Path(__file__).resolve().parent.parent
NOT_THE_TOOL = (
    "models",
    "properties",
    "cli",
    "export",
)  # what no verdict and no trace depends on, or what is added apart


def digest(*texts: str) -> str:
    """One digest of several texts."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()


@cache
def tool() -> str:
    """The digest of the tool's own sources, and of the Python that runs them."""
    files = [f for f in sorted(ROOT.rglob("*.py")) if f.relative_to(ROOT).parts[0] not in NOT_THE_TOOL]
    return digest(sys.version, *map(of_file, files))


@cache
def parts() -> str:
    """The digest of all that is shipped for models to be made of: models, parts of the kernel, properties."""
    files = [f for room in ("models", "properties") for f in sorted((ROOT / room).rglob("*.py"))]
    return digest(*(f"{f.relative_to(ROOT)} {of_file(f)}" for f in files))


def sources(start: Iterable[Path]) -> str:
    """The digest of these source files and of all that they import, directly or not, of the shipped and of the user's own."""
    return digest(*sorted(f"{path.name} {of_file(path)}" for path in closure(start)))


def closure(start: Iterable[Path]) -> set[Path]:
    """The files, and those they import from `explorer.models`, `explorer.properties` and the folders they are in."""
    found: set[Path] = set()
    pending = [path.resolve() for path in start]
    while pending:
        path = pending.pop()
        if path not in found:
            found.add(path)
            pending += imported_files(path)
    return found


@cache
def imported_files(path: Path) -> tuple[Path, ...]:
    """The files of the tool's parts and of the user's own that a file imports."""
    found = {p.resolve() for name in imported_names(path) for p in candidates(path, name) if p.is_file()}
    return tuple(sorted(found))


def candidates(importer: Path, name: str) -> Iterator[Path]:
    """Where the module of that dotted name may be, seen from the file that imports it."""
    words = name.split(".")
    if words[0] == "explorer":
        if words[1:2] not in (["models"], ["properties"]):
            return  # the tool
        places = [ROOT.joinpath(*words[1:])]
    else:
        package = importer.parent
        while (package / "__init__.py").is_file():  # the folder that the package of the file is in
            package = package.parent
        places = [importer.parent.joinpath(*words), package.joinpath(*words)]
    for place in places:
        yield place.with_name(f"{place.name}.py")
        yield place / "__init__.py"


def imported_names(path: Path) -> tuple[str, ...]:
    """The dotted names a file imports; of ``from a import b`` both a and a.b, as b may be a module. A dot in front is dropped."""
    found: list[str] = []
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += [node.module] if node.module else []
            found += (f"{node.module}.{a.name}" if node.module else a.name for a in node.names)
    return tuple(found)


@cache
def of_file(path: Path) -> str:
    """The digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def of_system(system: System) -> str | None:
    """The digest of a system, without the places in its source: equal systems have the same. None for one whose expressions are
    nested too deeply."""
    made = _Content()
    try:
        whole = made.text(system)
    except RecursionError:
        return None
    return digest("\n".join(made.lines), whole)


class _Content:
    """What a system says, as text, and not where in the source it stands. An expression is a line, and named by its number."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.numbers: dict[Apply, str] = {}  # equal expressions are one object

    def text(self, given: Any) -> str:
        kind = type(given)
        if kind is Apply:
            known = self.numbers.get(given)
            if known is None:
                line = f"{given.op} {' '.join([self.text(a) for a in given.args])}"
                known = self.numbers[given] = f"#{len(self.lines)}"
                self.lines.append(line)
            return known
        if kind is Read:
            return f"{'before ' if given.before else ''}cell {given.cell} {given.type}"
        if kind is tuple or kind is list:
            return f"({','.join([self.text(one) for one in given])})"
        if kind is Constant:
            return repr(given.value)
        if kind is Span:
            return "here"
        if kind is Branch:
            return f"branch {given.text!r} {given.outcome} {given.function}"
        if kind is dict:
            return f"{{{','.join([f'{self.text(k)}:{self.text(v)}' for k, v in given.items()])}}}"
        if dataclasses.is_dataclass(kind):
            return f"{kind.__name__}({','.join([self.text(getattr(given, name)) for name in said_of(kind)])})"
        if kind is frozenset or kind is set:
            return f"set({','.join(sorted(map(self.text, given)))})"
        assert given is None or kind in (bool, int, float, str, bytes), kind
        return repr(given)


@cache
def said_of(kind: type) -> tuple[str, ...]:
    """The fields that say what it is: what an action passes says nothing of what it does."""
    return tuple(f.name for f in dataclasses.fields(kind) if f.name != "passed")
