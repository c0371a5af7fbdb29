"""What a command writes: whole or not at all, where it was told to, and over nothing that it was not."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from explorer import UsageError
from explorer.cli.main import main
from explorer.render.files import check_writable, write_text

BAD = """
from explorer import Model, step
def model():
    m = Model()
    @m.thread("t")
    async def t():
        await step("s")
        assert False
    return m
"""


def test_a_link_that_is_named_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("one")
    (tmp_path / "link").symlink_to("real")
    write_text(tmp_path / "link", "two")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == "two"


def test_what_is_no_plain_file_stays(tmp_path: Path) -> None:
    """Else root would have no /dev/null any more."""
    write_text("/dev/null", "text")
    assert not Path("/dev/null").is_file()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_text(tmp_path / "pipe", "text")
    assert os.read(reader, 9) == b"text" and not (tmp_path / "pipe").is_file()
    os.close(reader)
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="it is a directory"):
        write_text(tmp_path / "folder", "text")


def test_trying_a_folder_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / ".writable").write_text("mine")
    check_writable(tmp_path)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["mine"]


def test_a_link_among_the_files_of_a_folder_is_replaced(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("bad.py").write_text(BAD)
    out, precious = Path("out"), Path("precious")
    precious.write_text("mine")
    assert main(["--model", "bad.py:model", "--out", "out", "--quiet"]) == 1
    for path in list(out.iterdir()):
        path.unlink()
        path.symlink_to(precious.resolve())
    assert main(["--model", "bad.py:model", "--out", "out", "--quiet"]) == 1
    assert precious.read_text() == "mine" and not any(p.is_symlink() for p in out.iterdir())


def test_a_configuration_of_ones_own_is_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = ["export", "--model", "model.py:grow", "--to", "tla", "--out", "m.tla"]
    Path("m.cfg").write_text("SPECIFICATION Mine\n")
    assert main(export) == 2 and "m.cfg is there and may be yours" in capsys.readouterr().err
    assert Path("m.cfg").read_text() == "SPECIFICATION Mine\n" and not Path("m.tla").exists()
    Path("m.cfg").unlink()
    assert main(export) == main(export) == 0


def test_two_traces_have_two_files() -> None:
    from types import SimpleNamespace
    from typing import Any

    from explorer.render.files import file_names

    traces: list[Any] = [SimpleNamespace(model="m", claim=c) for c in ("p[a b]", "p[a_b]", "p[a/b]", "q")]
    assert file_names(traces) == ["m-p_a_b", "m-p_a_b-2", "m-p_a_b-3", "m-q"]


def test_no_model_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither by its name nor by a link, by any command that writes a file; and before anything is searched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(BAD)
    (tmp_path / "link").symlink_to("mine.py")
    model = ["--model", "mine.py:model"]
    commands = [["export", *model, "--to", "promela"], ["export", *model, "--to", "smtlib"], ["graph", *model],
                ["matrix", *model], ["necessity", *model]]  # fmt: skip
    monkeypatch.setattr("explorer.questions.matrix.matrix", None)
    monkeypatch.setattr("explorer.questions.necessity.necessity", None)
    for command in commands:
        for out in ("mine.py", "./mine.py", "link"):
            assert main([*command, "--out", out]) == 2, (command, out)
            assert f"{Path(out)} is there and is Python" in capsys.readouterr().err
            assert (tmp_path / "mine.py").read_text() == BAD
    no_source_is_lost()


def no_source_is_lost() -> None:
    with tempfile.TemporaryDirectory() as made:
        path = Path(made, "mine.py")
        path.write_text(BAD)
        with pytest.raises(UsageError, match="it is not overwritten"):
            write_text(path, "text")
        assert path.read_text() == BAD
