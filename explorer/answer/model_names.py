"""How a file names the model that it is about: a shipped one by its name; any other has to be given on the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from explorer.answer.catalogue import shipped_files
from explorer.errors import UsageError, did_you_mean
from explorer.process.command_line import command_line
from explorer.process.foreign import excerpt


def shipped_model(name: str, given: str | None, source: str, command: Sequence[str]) -> str:
    """What `load` takes for the model that a file names: the `given` one, or its own if that is shipped.

    `source`: the file, or its folder; `command`: the words after ``explore``, without ``--model``. Raises UsageError for any
    other model, saying what to type.
    """
    if given is not None:
        return given
    known = list(shipped_files("models"))
    if name in known:
        return name
    file, colon, function = name.rpartition(":")
    if not (colon and file.endswith(".py") and function.isidentifier()):
        type_it = f"; if you have it, type: {command_line(*command, model=name)}" if name.isidentifier() else ""
        raise UsageError(
            f"{source} is about the model {excerpt(name)}, which is not shipped, and no code is run because a file says so"
            f"{did_you_mean(name, known, listed=True)}{type_it}"
        )
    path = Path(file)
    there = path.is_file() and Path(source).resolve() not in path.resolve().parents
    words = command_line(*command, model=f"{shortest(path) if there else 'FILE.py'}:{function}")
    raise UsageError(
        f"{source} is about a model that is not shipped, and no code is run because a file says so; "
        f"if that file is yours, type: {words}{'' if there else f' (FILE.py: it was {excerpt(file)})'}"
    )


def shortest(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def model_words(model: str) -> str:
    """How a file names a model for later: one of one's own by its whole path."""
    file, colon, function = model.rpartition(":")
    return f"{os.path.abspath(file)}:{function}" if colon else model
