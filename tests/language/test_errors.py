"""Every fault of a modeller is told in one message: the contract, what was given, where, and what to write instead.

Each file of `errors/` is a small model with one fault. Behind the model stand the phase in which the fault is found, the
exit code and the exact message. `UPDATE_EXPECTED=1` writes them anew: then read what changed.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from explorer import ExplorerError, check, load
from explorer.language.model import Model

FOLDER = Path(__file__).resolve().parent / "errors"
FILES = sorted(FOLDER.glob("*.py"))


@dataclass(frozen=True)
class Told:
    """What the user is told. `phase`: "import", "build", "lower" or "search"."""

    phase: str
    exit_code: int
    message: str

    def source(self) -> str:
        """As it stands at the end of a file."""
        assert '"""' not in self.message
        text = self.message.replace("\\", "\\\\")
        return f'\n\nPHASE = "{self.phase}"\nEXIT_CODE = {self.exit_code}\nMESSAGE = """\\\n{text}\n"""\n'


def told(file: Path) -> Told:
    """Load, build and check the model of a file."""
    phase = "import"
    try:
        function = load(f"{file}:model")
        phase = "build"
        model: Model = function()
        phase = "lower"
        result = check(model, properties=properties(file))
    except ExplorerError as e:
        return Told(phase, e.exit_code, short(str(e)))
    assert result.error_trace is not None or not result.error or result.depth == 0
    return Told("search", result.exit_code, short(result.error or "no error"))


def short(text: str) -> str:
    """Without the folder, which differs from machine to machine."""
    for folder in (FOLDER, os.path.relpath(FOLDER)):
        text = text.replace(f"{folder}{os.sep}", "")
    return "\n".join(line.rstrip() for line in text.split("\n"))


def properties(file: Path) -> Sequence[str] | None:
    """The properties that the file asks for; most ask for all."""
    return assigned(file).get("PROPERTIES")


def assigned(file: Path) -> dict[str, Any]:
    """What is said behind the model (which may be no Python): the literals in capitals."""
    found = re.findall(r'^([A-Z_]+) = ("""\\\n.*?"""|[^\n]+)$', file.read_text(), re.MULTILINE | re.DOTALL)
    return {
        name: ast.literal_eval(value)
        for name, value in found
        if name in ("PROPERTIES", "PHASE", "EXIT_CODE", "MESSAGE")
    }


def expected(file: Path) -> Told:
    values = assigned(file)
    return Told(values["PHASE"], values["EXIT_CODE"], values["MESSAGE"].rstrip("\n"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_message(file: Path) -> None:
    found = told(file)
    if os.environ.get("UPDATE_EXPECTED") == "1":
        model, _, _ = file.read_text().partition("\n\nPHASE = ")
        file.write_text(model.rstrip("\n") + "\n" + found.source())
    assert found == expected(file)
