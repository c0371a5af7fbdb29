"""Every fault of a modeller is told in one message: the contract, what was given, where, and what to write instead.

Each case of `errors/` is a small model with one fault, written short (`snippets.py`). Behind the model stand the phase in which
the fault is found, the exit code and the exact message. `UPDATE_EXPECTED=1` writes them anew: then read what changed.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from explorer import ExplorerError, check, load
from explorer.language.model import Model
from tests.language.snippets import Snippet, snippets

FOLDER = Path(__file__).resolve().parent / "errors"
FILES = sorted(FOLDER.glob("*.txt"))
CASES = [s for f in FILES for s in snippets(f)]


def told(file: Path) -> tuple[str, int, str]:
    """The phase ("import", "build", "lower" or "search"), the exit code and the message of the model of a file."""
    phase = "import"
    try:
        function = load(f"{file}:model")
        phase = "build"
        model: Model = function()
        phase = "lower"
        result = check(model, properties=properties(file))
    except ExplorerError as e:
        return phase, e.exit_code, short(str(e), file.parent)
    assert result.error_trace is not None or not result.error or result.depth == 0
    return "search", result.exit_code, short(result.error or "no error", file.parent)


def short(text: str, folder: Path) -> str:
    """Without the folder, which differs from machine to machine."""
    for name in (folder, os.path.relpath(folder)):
        text = text.replace(f"{name}{os.sep}", "")
    return "\n".join(line.rstrip() for line in text.split("\n"))


def properties(file: Path) -> Sequence[str] | None:
    """The properties that the model's file asks for; most ask for all."""
    found = re.search(r"^PROPERTIES = (.+)$", file.read_text(), re.MULTILINE)
    return None if found is None else ast.literal_eval(found[1])


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_message(case: Snippet, tmp_path: Path) -> None:
    file = tmp_path / f"{case.name}.py"
    file.write_text(case.model())
    phase, exit_code, message = told(file)
    if os.environ.get("UPDATE_EXPECTED") == "1":
        found = replace(case, phase=phase, exit_code=exit_code, message=message)
        for cases in FILES:
            cases.write_text(cases.read_text().replace(case.written(), found.written()))
    assert (phase, exit_code, message) == (case.phase, case.exit_code, case.message)


def test_names_differ() -> None:
    assert len({c.name for c in CASES}) == len(CASES) > 300
