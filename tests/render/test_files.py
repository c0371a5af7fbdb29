"""Writing files: whole or not at all, with a reason a user can act on."""

from __future__ import annotations

import errno
import json
import os
import resource
from pathlib import Path

import pytest

from explorer.errors import UsageError
from explorer.render.files import file_name, write_text, write_trace
from tests.render.samples import CASE_2, GUP_FAST, NASTY, trace


def test_a_trace_is_written_in_three_forms(tmp_path: Path) -> None:
    paths = write_trace(CASE_2, tmp_path / "made" / "here")
    assert [p.name for p in paths] == [f"sample-pinned_page_stays.{form}" for form in ("json", "dot", "svg")]
    whole = json.loads(paths[0].read_text())
    assert whole["schedule"] == CASE_2.schedule
    assert whole["property"] == "pinned_page_stays"
    assert [s["actor"] for s in whole["steps"]] == [s.actor for s in CASE_2.steps]
    assert paths[1].read_text().startswith('digraph "parent*2/')
    assert "</svg>" in paths[2].read_text()
    assert sorted(os.listdir(tmp_path / "made" / "here")) == sorted(p.name for p in paths)


def test_only_what_was_asked_for(tmp_path: Path) -> None:
    assert [p.suffix for p in write_trace(NASTY, tmp_path, ["dot", "dot"])] == [".dot"]
    with pytest.raises(UsageError, match="^a trace is written as json, dot, svg, not 'png'$"):
        write_trace(NASTY, tmp_path, ["json", "png"])
    assert len(os.listdir(tmp_path)) == 1


def test_names_hold_no_directories() -> None:
    assert file_name(trace([], [], model="../m/x.py:f", claim="DMA lands <after> the fork")) == (
        "m_x.py_f-DMA_lands_after_the_fork"
    )
    assert len(file_name(trace([], [], model="m" * 500))) <= 120
    assert file_name(trace([], [], model="/", claim="")) == "trace"


def failing(number: int) -> object:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = write_text(tmp_path / "a.txt", "old")
    monkeypatch.setattr(os, call, failing(errno.ENOSPC))
    with pytest.raises(UsageError, match=r"a\.txt can't be written: the disk is full; make room, or name another"):
        write_text(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_write_that_stops_half_way_leaves_nothing(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(UsageError, match=r"a\.txt can't be written: file too large"):
            write_text(tmp_path / "a.txt", "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == []


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "a.txt", "new")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == []


def test_a_file_in_the_way_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="a file of that name is in the way of the directory"):
        write_trace(GUP_FAST, tmp_path / "out")
    with pytest.raises(UsageError, match="part of the path is a file, not a directory"):
        write_trace(GUP_FAST, tmp_path / "out" / "deeper")
    assert (tmp_path / "out").read_text() == "a file"


def test_a_directory_in_the_way_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(UsageError, match=r"a\.txt can't be written: it is a directory"):
        write_text(tmp_path / "a.txt", "text")
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_directory(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="permission denied"):
            write_text(tmp_path / "a.txt", "text")
    finally:
        tmp_path.chmod(0o700)


def test_permission_denied_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "mkdir", failing(errno.EACCES))
    with pytest.raises(UsageError, match=r"can't be written: permission denied; name another directory with --out$"):
        write_text(tmp_path / "x" / "a.txt", "text")


def test_text_that_utf8_cannot_hold_is_written_nevertheless(tmp_path: Path) -> None:
    assert write_text(tmp_path / "a.txt", "a\ud800b → c\n").read_bytes() == "a?b → c\n".encode()
