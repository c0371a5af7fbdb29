"""A table that was filled before is taken only where filling it would give the very same; the number of processes is nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from explorer.cache import content
from explorer.cli.main import main
from explorer.language.rules import with_values
from explorer.litmus import kept, kernels
from explorer.litmus.kernels import LitmusAnswer, expectations, kept_answers, litmus_answers
from explorer.litmus.observe import Row, observe
from explorer.litmus.parse import parse
from explorer.models.linux.kernels import V5_10, Kernel, kernel
from explorer.models.linux.litmus import litmus_model
from explorer.questions import workers

FOLDER = Path(__file__).parent
TEXT = (FOLDER / "pin+fork+store.litmus").read_text()
SEVERAL = ("pin+fork+store", "cow+content", "cow+swapped", "dax+truncate", "direct-io+fork+store", "cow+zero-page")
PARTS = "of these parts"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Filled(Exception):
    """A table is filled anew."""


def refuse(*_: Any, **__: Any) -> Any:
    raise Filled


def answers(text: str, on: Kernel, parts: str = PARTS, **options: Any) -> list[LitmusAnswer]:
    return list(litmus_answers(Path("x"), parse(text), [("k", on)], {}, litmus_model, parts=parts, **options))


def taken(text: str, on: Kernel, parts: str = PARTS, **options: Any) -> bool:
    """Whether nothing is filled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "explore", refuse)
        try:
            answers(text, on, parts, **options)
        except Filled:
            return False
    return True


def key_is_all_that_counts() -> None:
    """The text of the test, the parts, the tool, and every rule that was read; not one that was not."""
    first = answers(TEXT, V5_10)
    assert taken(TEXT, V5_10) and answers(TEXT, V5_10) == first
    assert not taken(TEXT.replace("store x b", "store x c"), V5_10)
    assert not taken(TEXT, V5_10, "of other parts") and not taken(TEXT, V5_10, "")
    tool = content.tool()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "tool", lambda: tool + "'")
        assert not taken(TEXT, V5_10)
    [(read, _)] = kept.Tables(parse(TEXT), PARTS).known
    assert {"reuse", "fork"} <= set(read) and "zap_keeps_dirty" not in read
    assert taken(TEXT, with_values(V5_10, zap_keeps_dirty=not V5_10.zap_keeps_dirty))
    for rule in read:
        other = next((v for v in values_of(V5_10, rule) if v != object.__getattribute__(V5_10, rule)), None)
        assert other is not None and not taken(TEXT, with_values(V5_10, **{rule: other})), rule


def values_of(on: Kernel, rule: str) -> tuple[Any, ...]:
    value = object.__getattribute__(on, rule)
    return (False, True) if isinstance(value, bool) else tuple(type(value))  # type: ignore[arg-type]


def test_key() -> None:
    key_is_all_that_counts()


def whole_tables_only() -> None:
    """Of all runs; and where less was asked for, or another way, nothing is taken."""
    bounded = answers(TEXT, V5_10, max_states=3)
    assert not bounded[0].complete and not taken(TEXT, V5_10)
    program = parse(TEXT)
    kept.Tables(program, PARTS).keep(V5_10, {}, observe(program, [Row((), (True,))], complete=False))
    assert not taken(TEXT, V5_10)
    answers(TEXT, V5_10)
    assert taken(TEXT, V5_10)
    for options in ({"max_states": 3}, {"witness": True}, {"engine": "evaluator"}):
        assert not taken(TEXT, V5_10, **options), options


def test_whole_tables_only() -> None:
    whole_tables_only()


def test_answers_from_what_is_kept() -> None:
    """All or none: and they are those that were given, with what the test expects."""
    program = parse(TEXT)
    expecting, on = expectations(program, kernel, ())
    assert kept_answers(Path("x"), program, on, expecting, PARTS) is None
    given = list(litmus_answers(Path("x"), program, on, expecting, litmus_model, parts=PARTS))
    assert kept_answers(Path("x"), program, on, expecting, PARTS) == given
    unread = [*on, ("other", kernel("v4.19+fork=early_copy+has_pinned=on"))]
    assert kept_answers(Path("x"), program, unread, expecting, PARTS) is None


def test_what_is_damaged_is_filled_again(cache: Path) -> None:
    first = answers(TEXT, V5_10)
    [file] = (cache / "mm-explorer" / "litmus").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert not taken(TEXT, V5_10) and answers(TEXT, V5_10) == first


def test_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One or several, with some of the tests answered before or all: the same, to the byte, in the order of the files."""
    folder = tmp_path / "tests"
    folder.mkdir()
    for name in SEVERAL:
        shutil.copy(FOLDER / f"{name}.litmus", folder)
    monkeypatch.chdir(tmp_path)
    assert workers.PAYS <= len(SEVERAL) - 1
    said = []
    for jobs, before in (("1", ()), ("2", ()), ("2", ("tests/cow+swapped.litmus",)), ("2", ("tests",))):
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        if before:
            assert main(["litmus", *before, "--jobs", "1"]) == 0
            capsys.readouterr()
        for form in ("text", "json"):
            assert main(["litmus", "tests", "--jobs", jobs, "--format", form]) == 0
            said.append((form, capsys.readouterr()))
    assert len({out for form, out in said if form == "text"}) == len({out for form, out in said if form == "json"}) == 1
    assert not said[0][1].err


def test_an_error_in_another_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is that of one process: the message, its place, the exit code."""
    for name in SEVERAL:
        shutil.copy(FOLDER / f"{name}.litmus", tmp_path)
    wrong = (tmp_path / "cow+content.litmus").read_text().replace("store x", "store_nothing x", 1)
    (tmp_path / "cow+content.litmus").write_text(wrong)
    codes = [main(["litmus", str(tmp_path), "--jobs", jobs]) for jobs in ("1", "2")]
    assert codes[0] == codes[1] != 0 and len({capsys.readouterr().err}) == 1
