"""What is installed is complete: a wheel and an sdist hold the models and properties as real files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKE = "import sys; from setuptools import build_meta as b; to = sys.argv[1]; b.build_wheel(to); b.build_sdist(to)"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, made from a copy of the sources."""
    folder = tmp_path_factory.mktemp("packaging")
    source = folder / "source"
    source.mkdir()
    for name in ("explorer", "models", "properties"):
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    done = subprocess.run([sys.executable, "-c", MAKE, str(folder)], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def sources() -> set[str]:
    found = {p.relative_to(ROOT).as_posix() for p in (ROOT / "explorer").rglob("*.py")}
    for name in ("models", "properties"):
        found |= {f"explorer/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / name).rglob("*.py")}
    return found


def test_wheel(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert sources() | {"explorer/py.typed"} <= set(packed.namelist())
        packed.extractall(tmp_path)
    # the unpacked wheel, away from the checkout
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
         "from explorer.cli.main import main; sys.exit(main(['--model', 'rdma_fork', '--kernel', 'v4.19', '--quiet']))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert re.search(r"pinned_page_stays +violated", done.stdout)


def test_sdist(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as packed:
        files = {m.name.partition("/")[2] for m in packed.getmembers() if m.isfile()}
    assert sources() <= files
