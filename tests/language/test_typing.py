"""A modeller's file passes mypy strict without casts, and a type checker knows what `mm.pte[p]` is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer import Verdict, check, load

FOLDER = Path(__file__).resolve().parent / "typed"
ROOT = FOLDER.parents[2]


@pytest.fixture(scope="module")
def said() -> dict[tuple[str, int], str]:
    """What mypy says about each line."""
    from mypy import api

    files = [str(FOLDER / name) for name in ("model.py", "mistakes.py")]
    out, err, _ = api.run(["--strict", "--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary", *files])
    assert not err, err
    found: dict[tuple[str, int], str] = {}
    for line in out.splitlines():
        match = re.match(r"(.*?):(\d+): (.*)", line)
        assert match is not None, line
        key = (Path(match[1]).name, int(match[2]))
        found[key] = found.get(key, "") + match[3] + "\n"
    return found


def marks(name: str, mark: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate((FOLDER / name).read_text().splitlines(), 1):
        if f"  # {mark} " in line:
            yield number, line.split(f"  # {mark} ")[1]


def test_types_are_known(said: dict[tuple[str, int], str]) -> None:
    expected = dict(marks("model.py", "is"))
    assert len(expected) >= 10
    shown = {
        line: re.sub(r"\b(builtins|model|explorer\.language\.\w+|tests\.language\.typed\.model)\.", "", text)
        for (file, line), text in said.items()
        if file == "model.py"
    }
    assert shown == {line: f'note: Revealed type is "{type_}"\n' for line, type_ in expected.items()}


def test_mistakes_are_found(said: dict[tuple[str, int], str]) -> None:
    expected = dict(marks("mistakes.py", "E:"))
    assert len(expected) >= 10
    found = {line: text for (file, line), text in said.items() if file == "mistakes.py" and "error:" in text}
    assert sorted(found) == sorted(expected), found
    for line, code in expected.items():
        assert f"[{code}]" in found[line]


def test_the_typed_model_is_a_model(tmp_path: Path) -> None:
    """What was typed above is no mock: without the reveal_type lines it explores, with a rule left open."""
    source = (FOLDER / "model.py").read_text()
    kept = [line for line in source.splitlines() if "reveal_type(" not in line]
    file = tmp_path / "typed_model.py"
    file.write_text("\n".join(kept).replace(", reveal_type", "") + "\n")
    result = check(load(f"{file}:model")())
    assert result.complete and result["both finish"].verdict is Verdict.REACHED
