"""From a function object to its syntax tree, with exact positions. Each file is parsed once."""

from __future__ import annotations

import ast
import gc
import inspect
import linecache
import re
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Union

from explorer.errors import LanguageError, Place, place_at
from explorer.errors.blame import TOOL, is_users
from explorer.language.sorts import name_of_value
from explorer.system.form import Span

FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]
KERNEL = re.compile(r"^([\w./-]+\.[chS]:\w+\(\))(?:: *(.*))?$")


@dataclass(frozen=True, eq=False)
class Source:
    """A function with its tree: the file, also as parsed, the names its enclosing functions bind, the first docstring line."""

    function: types.FunctionType
    node: FunctionNode
    file: str
    enclosing: frozenset[str]
    parsed: Parsed

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def kernel(self) -> str:
        """``mm/memory.c:do_wp_page()`` where the first docstring line names it, else ""."""
        first = (self.function.__doc__ or "").strip().split("\n")[0].strip()
        match = KERNEL.match(first)
        return match.group(1) if match else ""

    def lookup(self, name: str) -> Any:
        """The value of a free name: closure, globals, builtins. Raises KeyError."""
        code = self.function.__code__
        if name in code.co_freevars and self.function.__closure__ is not None:
            try:
                return self.function.__closure__[code.co_freevars.index(name)].cell_contents
            except ValueError:
                raise KeyError(name) from None
        spaces: Any = self.function.__globals__
        if name in spaces:
            return spaces[name]
        builtins: Any = spaces.get("__builtins__", {})
        table: Any = builtins if isinstance(builtins, dict) else vars(builtins)
        return table[name]


@dataclass(frozen=True)
class Parsed:
    """The tree of a file; the parent of each node; functions by file, name and first line; lambdas by file and line.

    `compiled`: what was made of its functions, each once; `around`: the names that the functions around them bind."""

    tree: ast.Module
    parents: dict[ast.AST, ast.AST]
    functions: dict[tuple[str, str, int], FunctionNode]
    lambdas: dict[tuple[str, int], list[ast.Lambda]]
    compiled: dict[FunctionNode, Any] = field(default_factory=dict)
    around: dict[FunctionNode, frozenset[str]] = field(default_factory=dict)

    @staticmethod
    def of(file: str, tree: ast.Module) -> Parsed:
        found = Parsed(tree, {}, {}, {})
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                found.parents[child] = node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                found.functions[file, node.name, first] = node
            elif isinstance(node, ast.Lambda):
                found.lambdas.setdefault((file, node.lineno), []).append(node)
        return found


@lru_cache(maxsize=512)
def parsed_file(file: str, text: str) -> Parsed:
    """The same for every lowering: nothing changes a tree that is not edited."""
    return Parsed.of(file, parse(text, file))


class Sources:
    """The parsed files of one lowering. `edit`: changes a file's tree before anything is read from it."""

    def __init__(self, edit: Callable[[str, ast.Module], None] | None = None) -> None:
        self.edit = edit
        self.files: dict[str, Parsed] = {}
        self.found: dict[types.CodeType, FunctionNode] = {}

    def file_of(self, file: str) -> Parsed | None:
        if file not in self.files:
            lines = linecache.getlines(file)
            if not lines:
                return None
            if self.edit is None:
                self.files[file] = parsed_file(file, "".join(lines))
            else:
                tree = parse("".join(lines), file)
                self.edit(file, tree)
                self.files[file] = Parsed.of(file, tree)
        return self.files[file]

    def of(self, function: Callable[..., Any]) -> Source:
        """Raises LanguageError for a function without source (a builtin, one made by exec)."""
        function = inspect.unwrap(getattr(function, "__func__", function))
        if not isinstance(function, types.FunctionType):
            raise LanguageError(
                f"{name_of_value(function)} has no Python source to read: write a def or a lambda in a file"
            )
        code = function.__code__
        file = code.co_filename
        if not is_users(file) and not file.startswith(("<", TOOL)):
            raise LanguageError(
                f"{function.__module__}.{function.__qualname__}() belongs to Python's library and is not part of the "
                "language: write the routine as a def of the model"
            )
        parsed = self.file_of(file)
        if code not in self.found:
            node = None if parsed is None else self.find(function, parsed)
            if node is None:
                raise LanguageError(
                    f"{function.__qualname__}() has no source to read ({file}): write it as a def or a lambda in a file"
                )
            self.found[code] = node
        assert parsed is not None
        node = self.found[code]
        return Source(function, node, file, enclosing_names(parsed, node), parsed)

    def find(self, function: types.FunctionType, parsed: Parsed) -> FunctionNode | None:
        code = function.__code__
        file, first = code.co_filename, code.co_firstlineno
        if function.__name__ != "<lambda>":
            return parsed.functions.get((file, function.__name__, first))
        spots = [p for p in code.co_positions() if None not in p]
        fitting: list[ast.Lambda] = []
        for node in parsed.lambdas.get((file, first), []):
            start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
            if [a.arg for a in node.args.args] != list(code.co_varnames[: code.co_argcount]):
                continue
            if all(start <= (p[0], p[2]) and (p[1], p[3]) <= end for p in spots if p[1] != p[0] or p[2] != p[3]):
                fitting.append(node)
        # an enclosing lambda contains the inner one's code too: the innermost is the one
        return fitting[-1] if fitting else None

    def captured_name(self, function: Callable[..., Any], *, any_loop: bool) -> tuple[ast.AST, str, ast.AST] | None:
        """A name that the function takes from around it and that a loop binds anew each time round: (use, name, loop).

        Every function made in the loop sees the value it had last. `any_loop`: also a loop that the function is not made in.
        """
        source = self.of(function)
        names = source.function.__code__.co_freevars
        loops = ast.For | ast.While | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
        pending = set(names)
        at = source.parsed.parents.get(source.node)
        while at is not None and pending:
            found = {n: at for n in pending if isinstance(at, loops) and n in bound_by(at)}
            if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
                bound = bound_names(at) & pending
                if any_loop:
                    inner = [n for n in ast.walk(at) if isinstance(n, ast.For)]
                    found = {n: loop for n in bound for loop in inner if n in target_names_of(loop.target)}
                pending -= bound - set(found)
            for name in names:
                if name in found:
                    uses = (n for n in ast.walk(source.node) if isinstance(n, ast.Name) and n.id == name)
                    return next(uses, source.node), name, found[name]
            at = source.parsed.parents.get(at)
        return None


def enclosing_names(parsed: Parsed, node: FunctionNode) -> frozenset[str]:
    """The names that the functions around the node bind."""
    known = parsed.around.get(node)
    if known is None:
        bound: set[str] = set()
        at = parsed.parents.get(node)
        while at is not None:
            if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
                bound |= bound_names(at)
            at = parsed.parents.get(at)
        known = parsed.around[node] = frozenset(bound)
    return known


@contextmanager
def no_collector() -> Iterator[None]:
    """Without Python's collector of cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def parse(text: str, file: str) -> ast.Module:
    """ast.parse with the collector off: in CPython 3.11 a coroutine collected meanwhile makes it fail (SystemError)."""
    with no_collector():
        return ast.parse(text, file)


def target_names_of(target: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def bound_by(loop: ast.AST) -> set[str]:
    """The names that a loop binds anew each time round: its targets, and what its body assigns or defines."""
    if not isinstance(loop, ast.For | ast.While):
        return {n for g in getattr(loop, "generators", []) for n in target_names_of(g.target)}
    bound = target_names_of(loop.target) if isinstance(loop, ast.For) else set[str]()
    return bound | bound_in(list(loop.body))


def bound_names(function: FunctionNode) -> set[str]:
    """The names a function binds: parameters, assigned names, nested definitions (not those inside them)."""
    arguments = function.args
    bound = {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
    if arguments.vararg is not None:
        bound.add(arguments.vararg.arg)
    return bound if isinstance(function, ast.Lambda) else bound | bound_in(list(function.body))


def bound_in(pending: list[ast.AST]) -> set[str]:
    """The names that statements bind, without those bound inside functions, classes and comprehensions in them."""
    bound: set[str] = set()
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
            continue
        if isinstance(node, ast.Lambda | ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        pending.extend(ast.iter_child_nodes(node))
    return bound


def span(file: str, node: ast.AST) -> Span:
    line = getattr(node, "lineno", 0)
    end = getattr(node, "end_col_offset", 0) if getattr(node, "end_lineno", line) == line else 10**6
    return Span(file, line, getattr(node, "col_offset", 0), end)


def place(file: str, node: ast.AST) -> Place:
    return place_of(span(file, node))


def place_of(at: Span) -> Place:
    return place_at(at.file, at.line, at.column, at.end_column)
