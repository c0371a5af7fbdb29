"""From source text to a model: the lowering reads source, so each model is a file."""

from __future__ import annotations

import ast
import itertools
import linecache
import sys
import tempfile
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.language.model import Model

NUMBERS = itertools.count()
UNKNOWN = "hidden"


class Unfolded(ast.NodeTransformer):
    """Hides from the compiler of CPython that a condition is constant: it would drop what follows, and with it names in use."""

    def hidden(self, value: ast.expr) -> ast.expr:
        call = ast.Call(ast.Name(UNKNOWN, ast.Load()), [value], [])
        ast.copy_location(call.func, value)
        return ast.copy_location(call, value)

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            node.test = self.hidden(node.test)
        elif isinstance(node, ast.BoolOp):
            node.values = list(map(self.hidden, node.values))
        elif isinstance(node, ast.comprehension):
            node.ifs = list(map(self.hidden, node.ifs))
        return node


@contextmanager
def loaded(source: str) -> Iterator[Model]:
    """The model of the source, from a file that is there inside the block."""
    name = f"generated_model_{next(NUMBERS)}"
    with tempfile.TemporaryDirectory(prefix="generated") as folder:
        file = Path(folder) / f"{name}.py"
        file.write_text(source)
        module = types.ModuleType(name)
        module.__dict__.update({"__file__": str(file), UNKNOWN: lambda value: value})
        sys.modules[name] = module  # dataclasses and annotations are resolved through it
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # about `2 is None`, which is what such a model is for
                tree = ast.parse(source)
                Unfolded().visit(tree)
                exec(compile(tree, str(file), "exec"), module.__dict__)
            model: Model = module.model()
            yield model
        finally:
            del sys.modules[name]
            linecache.cache.pop(str(file), None)
