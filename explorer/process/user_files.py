"""A user's file as a module, beside which other files of the user's may lie: whatever they are called.

A name means one thing everywhere: the file is imported under a name that only it has, and what lies in its folder is found by it
and by the files there, and by nobody else. So no file stands in for a module of Python, of this tool or of what the tool uses,
and two folders may have files of one name.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

PREFIX = "_explorer_user_"
TOOL = __name__.partition(".")[0]


def import_file(path: Path) -> ModuleType:
    """The file, executed. Raises what it raises."""
    file = path.resolve()
    name = f"{package(file.parent)}_{file.stem}"
    loader = Beside(name, os.fspath(file), file.parent)
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


@cache
def package(folder: Path) -> str:
    """The package that the folder is, to the files in it alone."""
    name = PREFIX + hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    made = ModuleType(name)
    made.__path__ = [os.fspath(folder)]
    sys.modules[name] = made
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
    return name


class Beside(SourceFileLoader):
    """Executes a file for which ``import`` looks first at what lies in the folder."""

    def __init__(self, fullname: str, path: str, folder: Path) -> None:
        super().__init__(fullname, path)
        self.folder = folder

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = own_builtins(self.folder)
        super().exec_module(module)


class Finder(MetaPathFinder):
    """Finds what lies in a user's folder, by the name of its package."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(PREFIX) or path is None:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            [folder] = sys.modules[fullname.partition(".")[0]].__path__
            spec.loader = Beside(fullname, spec.loader.path, Path(folder))
        return spec


@cache
def own_builtins(folder: Path) -> dict[str, Any]:
    """Python's builtins, of which ``import`` alone is another."""

    def own_import(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        first = name.partition(".")[0]
        if level or not lies_in(folder, first):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        full = f"{package(folder)}.{name}"
        if fromlist:
            return builtins.__import__(full, globals, locals, fromlist)
        importlib.import_module(full)
        return sys.modules[f"{package(folder)}.{first}"]

    return {**vars(builtins), "__import__": own_import}


def lies_in(folder: Path, name: str) -> bool:
    """``import name`` means what lies in the folder, and Python would find something else or nothing."""
    if name in sys.stdlib_module_names or name == TOOL:
        return False
    here = PathFinder.find_spec(name, [os.fspath(folder)])
    if here is None:
        return False
    try:
        usual = importlib.util.find_spec(name)
    except ValueError:  # it is in sys.modules, and was not imported
        usual = None
    if here.origin is None:  # a folder without __init__.py
        return usual is None
    return usual is None or usual.origin is None or not os.path.samefile(usual.origin, here.origin)
