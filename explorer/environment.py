"""Runs a module in the checkout's own environment, which is made on first use: Python 3.11 with venv is all it needs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The environment's folder: `.venv` in the checkout, or what EXPLORER_VENV names."""
    return Path(os.environ.get("EXPLORER_VENV", ROOT / ".venv"))


def say(text: str) -> None:
    print(f"explorer: {text}", file=sys.stderr, flush=True)


def prepare(extra: str = "") -> Path:
    """The Python of the environment, with the project and its dependencies (of `extra` too) installed.

    Nothing is done where the environment is as pyproject.toml asks. Exits with a message where it can't be made.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - this very check is for older ones
        raise SystemExit(f"explorer: Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    folder = home()
    python = folder / "bin" / "python"
    wanted = hashlib.sha256(
        (ROOT / "pyproject.toml").read_bytes() + sys.version.encode() + str(ROOT).encode()
    ).hexdigest()
    stamp = folder / f".explorer{'-' + extra if extra else ''}"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    if not python.exists():
        say(f"making an environment in {folder}")
        made = subprocess.run([sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True)
        if made.returncode:
            raise SystemExit(
                f"explorer: python -m venv failed; on Debian, install python3-venv\n{made.stdout}{made.stderr}"
            )
    say(f"installing what pyproject.toml names{' for ' + extra if extra else ''} (once; takes a minute)")
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", target],
        stdout=sys.stderr,
        cwd=ROOT,
    )
    if done.returncode:
        raise SystemExit("explorer: pip could not install the dependencies; its message is above")
    stamp.write_text(wanted)
    return python


def run(module: str, arguments: list[str], extra: str = "") -> None:
    """Replace this process by ``python -m module arguments`` in the environment."""
    python = prepare(extra)
    os.execv(python, [str(python), "-m", module, *arguments])
