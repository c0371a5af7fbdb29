"""What the README shows is what the commands print. UPDATE_README=1 writes it anew."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from explorer.cli.main import main

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"<!-- output of: explore (.*?) -->\n```\n(.*?)```", re.S)


def output(command: str) -> str:
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        main(shlex.split(command))
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    return re.sub(r"\d+\.\d s$", "0.3 s", "\n".join(lines) + "\n", flags=re.M)


def test_shown_output_is_real() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text()
    for command, shown in BLOCK.findall(text):
        real = output(command)
        if os.environ.get("UPDATE_README"):
            text = text.replace(f"explore {command} -->\n```\n{shown}```", f"explore {command} -->\n```\n{real}```")
        else:
            assert real == shown, command
    if os.environ.get("UPDATE_README"):
        readme.write_text(text)


def test_shown_model_runs(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    source = next(block for block in re.findall(r"```python\n(.*?)```", readme, re.S) if "def lost_update()" in block)
    (tmp_path / "lost_update.py").write_text(source)
    command = [sys.executable, "-m", "explorer", "--model", "lost_update.py:lost_update"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 1, done.stderr
    assert "no_lost_update" in done.stdout and "violated at depth 4" in done.stdout
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(tmp_path / "lost_update.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
