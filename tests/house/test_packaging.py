"""What is installed is complete: a wheel and an sdist hold the models and properties as real files, and type checkers find it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = (
    "import os, sys; from setuptools import build_meta as b; to = sys.argv[1]; b.build_wheel(to); b.build_sdist(to); "
    "os.mkdir(to + '/editable'); b.build_editable(to + '/editable')"
)
MODEL = """
from explorer import Model, Part, Range, always, step, var
from explorer.models.linux.memory import Memory
from explorer.properties.pinned_page_stays import pinned_page_stays


class Counter(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "counter")
        self.x = var(Range(0, 2), 0)


@always
def small(c: Counter) -> bool:
    \"\"\"Small.\"\"\"
    return c.x <= 1


def model() -> Model:
    m = Model()
    c = Counter(m)

    @m.thread("t")
    async def t() -> None:
        await step("s")
        c.x = 2

    m.require(small)
    reveal_type(c.x)
    return m


def entry(memory: Memory) -> None:
    reveal_type(memory.pte)
    reveal_type(pinned_page_stays)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, made from a copy of the sources."""
    folder = tmp_path_factory.mktemp("packaging")
    source = folder / "source"
    source.mkdir()
    for name in ("explorer", "models", "properties", "src"):
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
    assert {f"src/{name}" for name in sources()} <= files


@pytest.mark.parametrize("how", ["installed", "editable"])
def test_type_checkers_find_it(how: str, built: Path, tmp_path: Path) -> None:
    """Away from the checkout, as README promises: what is imported has types, and the user's file no error."""
    import venv

    (wheel,) = (built if how == "installed" else built / "editable").glob("*.whl")
    venv.create(tmp_path / "venv", symlinks=True)
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(packages)
    hooks = [line for p in packages.glob("*.pth") for line in p.read_text().splitlines() if line.startswith("import ")]
    assert not hooks, "an import hook, which only Python runs"
    (tmp_path / "mine.py").write_text(MODEL)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", "cache", "mine.py"]
    command += ["--python-executable", str(tmp_path / "venv" / "bin" / "python")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    lines = [re.sub(r"^mine.py:\d+: ", "", line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and lines[0] == 'note: Revealed type is "int"' and len(lines) == 3, done.stdout
    assert "language.state.Array[" in lines[1] and "properties.PropertyFunction[" in lines[2]
    top = {p.name for p in (packages if how == "installed" else built / "source" / "src").iterdir()}
    assert not top & {"models", "properties", "tests", "benchmarks"}, "names that a user's own folders may have"
