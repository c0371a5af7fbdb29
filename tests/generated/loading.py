"""From source text to a model: the lowering reads source, so each model is a file."""

from __future__ import annotations

import importlib.util
import itertools
import linecache
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.language.model import Model

NUMBERS = itertools.count()


@contextmanager
def loaded(source: str) -> Iterator[Model]:
    """The model of the source, from a file that is there inside the block."""
    name = f"generated_model_{next(NUMBERS)}"
    with tempfile.TemporaryDirectory(prefix="generated") as folder:
        file = Path(folder) / f"{name}.py"
        file.write_text(source)
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses and annotations are resolved through it
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # about `2 is None`, which is what such a model is for
                spec.loader.exec_module(module)
            model: Model = module.model()
            yield model
        finally:
            del sys.modules[name]
            linecache.cache.pop(str(file), None)
