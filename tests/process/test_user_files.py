"""A user's file and those beside it are found by each other and by nobody else, whatever they are called."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from explorer import ModelError, check, load
from explorer.process.user_files import lies_in
from explorer.questions.matrix import rows

ROOT = Path(__file__).resolve().parents[2]

MODEL = '''"""A number that one thread sets: {title}."""
from __future__ import annotations

from explorer import Model, Part, Range, step, var
{imports}
MATRIX = {{"top": ("{top}",)}}


class Cell(Part):
    def __init__(self, m: Model, top: int) -> None:
        super().__init__(m, "cell")
        self.x = var(Range(0, top), 0)


def model(top: int = {top}) -> Model:
    m = Model()
    cell = Cell(m, top)

    @m.thread("counts")
    async def counts() -> None:
        for _ in range(top):
            await step("count")
            cell.x += 1
        assert cell.x == {means}

    return m
'''
STANDARD = ("queue", "random", "types", "select", "concurrent", "multiprocessing")
OTHERS = ("explorer", "numba", "numpy", "z3", "networkx", "tests")


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def model_file(top: int, imports: str = "", means: str = "top") -> str:
    return MODEL.format(title=f"up to {top}", top=top, imports=imports, means=means)


def test_names_are_kept_apart() -> None:
    names_are_kept_apart()


def names_are_kept_apart() -> None:
    """Two folders with the same names: each model has its own file, and its own helper."""
    with tempfile.TemporaryDirectory() as base:
        folders = [Path(base, name) for name in ("one", "two")]
        for top, folder in enumerate(folders, 3):
            files = {
                "m.py": model_file(top, "from helpers import MEANS\n", "MEANS"),
                "helpers.py": "import more.deep\nMEANS = more.deep.MEANS\n",
                "more/deep.py": f"MEANS = {top}\n",
            }
            written(folder, files)
        before = list(sys.path)
        models = [load(f"{folder}/m.py:model") for folder in folders]
        for top, function in enumerate(models, 3):
            result = check(function())
            assert not result.violated and result.depth == top, result
            assert [dict(row.parameters)["top"] for row in rows(function, {}, {})] == [str(top)]
        assert sys.path == before
        with pytest.raises(ImportError):
            importlib.import_module("helpers")


def test_nobody_else_finds_them() -> None:
    nobody_else_finds_them()


def nobody_else_finds_them() -> None:
    """Files that are called as modules of Python, of the tool, of what it uses."""
    with tempfile.TemporaryDirectory() as base:
        others = {f"{name}.py": "raise ValueError('the wrong file')\n" for name in (*STANDARD, *OTHERS)}
        folder = written(Path(base), {**others, "m.py": model_file(3, "import queue, explorer\n")})
        (folder / "types.py").write_text(model_file(3, "from types import SimpleNamespace\n"))
        for file in ("m.py", "types.py"):
            assert not check(load(f"{folder}/{file}:model")()).violated
        for name in (*STANDARD, *OTHERS):
            try:
                found = importlib.import_module(name)
            except ModuleNotFoundError:
                continue
            assert not str(found.__file__).startswith(base), name
        for name in STANDARD:
            assert not lies_in(folder, name)


def executed(folder: Path, text: str) -> dict[str, Any]:
    """What is there when the file has been executed, beside the others."""
    (folder / "main.py").write_text(text + "\ndef model(): ...\n")
    return load(f"{folder}/main.py:model").function.__globals__


def test_every_way_to_import(tmp_path: Path) -> None:
    files = {
        "plain.py": "import other\nHERE = other.HERE\n",
        "other.py": "HERE = 1\n",
        "whole/__init__.py": "from . import part\nfrom .part import X\nimport other\n",
        "whole/part.py": "import plain\nX = plain.HERE\n",
        "spread/deep/leaf.py": "from plain import HERE\nfrom .. import __name__ as up\n",
    }
    written(tmp_path, files)
    seen = executed(
        tmp_path,
        "import plain, plain as p, whole.part, spread.deep.leaf as leaf, os.path, json as js\n"
        "from whole import part, X\nfrom whole.part import *\nfrom spread.deep import leaf as again\nimport other",
    )
    assert seen["plain"] is seen["p"] and seen["plain"].other is seen["other"]
    assert seen["whole"].part is seen["part"] and seen["X"] == 1
    assert seen["leaf"] is seen["again"] and seen["leaf"].HERE == 1
    assert seen["whole"].other is seen["other"]
    assert isinstance(seen["os"], ModuleType) and seen["js"] is importlib.import_module("json")
    with pytest.raises(ModelError, match="No module named 'nowhere'"):
        executed(tmp_path, "import nowhere")
    with pytest.raises(ModelError, match="cannot import name 'less'"):
        executed(tmp_path, "from plain import less")


def test_a_folder_that_python_knows_is_nothing_special(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who imports the same file has the same module: its Enum is the model's."""
    written(tmp_path, {"kinds_of_mine.py": "class Kind: ...\n"})
    monkeypatch.syspath_prepend(tmp_path)
    seen = executed(tmp_path, "import kinds_of_mine")
    assert seen["kinds_of_mine"] is importlib.import_module("kinds_of_mine")
    monkeypatch.delitem(sys.modules, "kinds_of_mine")


def test_an_error_beside_is_shown_there(tmp_path: Path) -> None:
    written(tmp_path, {"wrong.py": "\nX = 1 // 0\n"})
    with pytest.raises(ModelError) as raised:
        executed(tmp_path, "import wrong")
    place = raised.value.place
    assert place is not None and (Path(place.file).name, place.line) == ("wrong.py", 2)
    assert "ZeroDivisionError" in str(raised.value)


@pytest.mark.parametrize("command", [("matrix", "--jobs", "2"), ("graph",)])
def test_processes_find_the_tool(command: tuple[str, ...], tmp_path: Path) -> None:
    """In a folder of files that are called as what the tool is made of; its processes begin by importing."""
    wrong = {f"{name}.py": "raise ValueError('the wrong file')\n" for name in (*STANDARD, *OTHERS)}
    imports = "from enum import Enum\nfrom helpers import MEANS\n"
    written(tmp_path, {**wrong, "helpers.py": "MEANS = 3\n", "multiprocessing.py": model_file(3, imports, "MEANS")})
    (tmp_path / "multiprocessing.py").write_text(
        (tmp_path / "multiprocessing.py").read_text().replace('("3",)}', '("3", "4", "5", "6")}')
    )
    explore = [str(Path(sys.executable).with_name("explore"))]
    if not Path(explore[0]).exists():
        explore = [sys.executable, "-P", "-m", "explorer"]
    done = subprocess.run(
        [*explore, *command, "--model", "multiprocessing.py:model"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr


@pytest.mark.parametrize("place", [ROOT, ROOT / "src"], ids=["checkout", "link"])
def test_the_users_line_is_blamed(place: Path, tmp_path: Path) -> None:
    """Also where the tool is imported through the link in src/, as it is where it was installed from a checkout."""
    file = tmp_path / "wrong.py"
    file.write_text(
        "from explorer import Model\n\n\ndef wrong() -> Model:\n    m = Model()\n    m.thread(5)\n    return m\n"
    )
    program = "import sys; from explorer.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, "--model", "wrong.py:wrong"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3 and done.stderr.startswith("explore: wrong.py:6: m.thread needs the name"), done.stderr
