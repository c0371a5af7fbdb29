"""What is kept between runs: taken only if it is whole, and only where nobody else could have put it."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.cache import kept
from explorer.errors import Notice

ROOT = Path(__file__).resolve().parents[2]


def garblings(data: bytes) -> Iterator[bytes]:
    """What a power cut, a full disk or a bad one leaves of a file."""
    chance = random.Random(1)
    flipped = bytearray(data)
    flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    yield bytes(flipped)
    for at in (0, 1, len(data) // 2, len(data) - 1):
        yield data[:at]
    yield bytes(len(data))
    yield chance.randbytes(len(data))
    yield data + b"\0"


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "signing-key")


def damaged(folder: Path, use: Callable[[], Any], expected: Any) -> None:
    """Whatever becomes of each file, `use` gives the same and the file is whole again."""
    assert use() == expected and files(folder)
    for path in files(folder):
        whole = path.read_bytes()
        for data in garblings(whole):
            path.write_bytes(data)
            try:
                found = use()
            except Exception as e:  # whatever reading garbage raises
                raise AssertionError(f"{path} is taken as it is: {e}") from e
            assert found == expected, path
            assert kept.recall(path.parent.name, path.name) is not None, path
        path.unlink()
        assert use() == expected


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mm-explorer"


def test_damaged_loops_are_compiled_again(folder: Path) -> None:
    pytest.importorskip("numba", reason="numba can't be imported")
    loops_are_whole(folder)


def loops_are_whole(folder: Path) -> None:
    from explorer.search.native.storage.cache import kept_loop

    def twice(x):  # type: ignore[no-untyped-def]
        return 2 * x

    damaged(folder, lambda: int(kept_loop(twice)(21)), 42)
    loop = kept_loop(twice)
    loop(21)
    assert loop.stats.cache_hits, "a whole one is taken"


def test_damaged_machine_code_is_compiled_again(folder: Path) -> None:
    pytest.importorskip("llvmlite", reason="llvmlite can't be imported")
    machine_code_is_whole(folder)


def machine_code_is_whole(folder: Path) -> None:
    import ctypes

    from explorer.search.native.codegen.machine_code import machine_code

    def use() -> int:
        code = machine_code("define i64 @f(i64 %x) {\n  %y = add i64 %x, 2\n  ret i64 %y\n}\n", ("f",))
        return int(ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.addresses["f"])(40))

    damaged(folder, use, 42)


def test_damaged_answers_are_found_again(folder: Path) -> None:
    answers_are_whole(folder)


def answers_are_whole(folder: Path) -> None:
    def use() -> Any:
        found = kept.recall_json("answers", "key")
        if found is None:
            kept.keep_json("answers", "key", found := {"a": 1})
        return found

    damaged(folder, use, {"a": 1})


def test_a_file_under_another_name_is_not_taken(folder: Path) -> None:
    names_are_whole(folder)


def names_are_whole(folder: Path) -> None:
    kept.keep("answers", "key", b"data")
    for kind, key in (("answers", "other"), ("loops", "key")):
        (folder / kind).mkdir(exist_ok=True)
        (folder / kind / key).write_bytes((folder / "answers" / "key").read_bytes())
        assert kept.recall(kind, key) is None
    assert kept.recall("answers", "key") == b"data"


# ---------------------------------------------------------------- whose folder it is


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a new process."""
    monkeypatch.setenv(kept.PRIVATE, "")
    monkeypatch.delenv(kept.PRIVATE)
    for function in (kept.chosen_folder, kept.private, kept.secret):
        function.cache_clear()
    yield
    for function in (kept.chosen_folder, kept.private, kept.secret):
        function.cache_clear()


def told() -> tuple[Path, list[str]]:
    """The folder that is used, and what the user is told when it is asked for several times."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        folder = kept.cache_folder()
        for _ in range(3):
            assert kept.cache_folder() == folder
            kept.keep("answers", "key", b"data")
            assert kept.recall("answers", "key") == b"data"
    assert all(issubclass(w.category, Notice) for w in said)
    return folder, [str(w.message) for w in said]


def is_private(folder: Path) -> bool:
    about = folder.stat()
    return about.st_uid == os.geteuid() and not about.st_mode & 0o077 and folder.name.startswith("explore-cache-")


def test_the_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder, said = told()
    assert folder == tmp_path / "cache" / "mm-explorer" and not said
    for path in folder.rglob("*"):
        assert not path.stat().st_mode & 0o077
    assert not folder.stat().st_mode & 0o077


def test_a_relative_path_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    """As the XDG Base Directory Specification says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for base in ("cache", "./cache", "", "~"):
        kept.chosen_folder.cache_clear()
        monkeypatch.setenv("XDG_CACHE_HOME", base)
        folder, said = told()
        assert folder == tmp_path / "home" / ".cache" / "mm-explorer" and not said
    assert [p.name for p in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("home", ["", "relative", None, "/proc/nowhere", "/dev/null"])
def test_no_home(home: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if home is None:  # and the user has no entry that says where
        monkeypatch.delenv("HOME")
        monkeypatch.setattr("os.path.expanduser", lambda path: path)
    else:
        monkeypatch.setenv("HOME", home)
    folder, said = told()
    if home == "" and not is_private(folder):
        return  # `expanduser` takes the user's entry then
    assert is_private(folder) and len(said) == 1 and said[0].endswith("; nothing is kept after this run")
    assert not list(tmp_path.iterdir())
    kept.forget(folder, os.getpid())


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_a_folder_that_others_can_write(
    mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None
) -> None:
    others_can_write(mode, tmp_path, monkeypatch)


def others_can_write(mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read and not written, and the user is told once."""
    monkeypatch.setattr(kept, "alone_in", lambda group, user: False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    theirs = tmp_path / "mm-explorer"
    (theirs / "answers").mkdir(parents=True)
    data = b"evil"
    (theirs / "answers" / "evil").write_bytes(kept.digest_of("answers", "evil", data) + data)
    theirs.chmod(mode)
    folder, said = told()
    assert is_private(folder) and len(said) == 1
    assert said[0].startswith(
        f"others can write to the folder {theirs} (mode {mode:o}; chmod go-w), and what is kept there is"
    )
    assert kept.recall("answers", "evil") is None and len(list(theirs.rglob("*"))) == 2
    kept.forget(folder, os.getpid())


def test_a_folder_in_one_that_others_can_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    """They could put another in its place; in a sticky one, as /tmp, they can't."""
    monkeypatch.setattr(kept, "alone_in", lambda group, user: False)
    user = os.geteuid()
    inner = tmp_path / "open" / "mm-explorer"
    inner.mkdir(mode=0o700, parents=True)
    for mode, ok in ((0o755, True), (0o777, False), (0o775, False), (0o1777, True)):
        inner.parent.chmod(mode)
        assert (kept.open_to_others(inner, user) == "") == ok
    monkeypatch.setattr(kept, "alone_in", lambda group, user: True)
    inner.parent.chmod(0o775)  # the group is the user's own
    assert kept.open_to_others(inner, user) == ""
    inner.chmod(0o777)
    assert kept.open_to_others(inner, user) != ""


def test_a_folder_of_another_user(tmp_path: Path) -> None:
    another_users(tmp_path)


def another_users(tmp_path: Path) -> None:
    folder = tmp_path / "mm-explorer"
    folder.mkdir(mode=0o700)
    assert kept.open_to_others(folder, os.geteuid()) == ""
    assert "another user's" in kept.open_to_others(folder, os.geteuid() + 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_that_was_given_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "mm-explorer").mkdir()
    os.chown(tmp_path / "mm-explorer", 12345, 12345)
    folder, said = told()
    assert is_private(folder) and said == [
        f"the folder {tmp_path}/mm-explorer is another user's (number 12345), and what is kept there is executed: it is not "
        "read; nothing is kept after this run"
    ]
    kept.forget(folder, os.getpid())


def test_it_is_told_in_one_line_and_gone_at_the_end(tmp_path: Path) -> None:
    """By the command line, for all processes of a command."""
    (tmp_path / "mm-explorer").mkdir(mode=0o700)
    (tmp_path / "mm-explorer").chmod(0o777)
    code = (
        "import sys; from explorer.cli.main import tell_notices; from explorer.cache import kept; tell_notices(); "
        "a = kept.cache_folder(); b = kept.cache_folder(); print(a); import subprocess; "
        "print(subprocess.run([sys.executable, '-c', 'from explorer.cache import kept; print(kept.cache_folder())'], "
        "capture_output=True, text=True, check=True))"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stderr.startswith("explore: others can write to the folder ") and done.stderr.count("\n") == 1
    folder = done.stdout.split()[0]
    assert folder in done.stdout.splitlines()[1] and "stderr=''" in done.stdout
    assert not Path(folder).exists()


def test_a_key_that_was_cut_off_is_made_again(folder: Path, fresh: None) -> None:
    assert len(kept.secret(kept.cache_folder())) == 32
    (folder / "signing-key").write_bytes(b"half")
    kept.secret.cache_clear()
    assert kept.secret(folder) == (folder / "signing-key").read_bytes() != b"half"
    assert stat.S_IMODE((folder / "signing-key").stat().st_mode) == 0o600


# ---------------------------------------------------------------- judges of mutants


def judge(use: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory() as base, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", base)
        use(Path(base) / "mm-explorer")


def caches_are_whole() -> None:
    judge(answers_are_whole)  # first: who takes what is damaged is found out before anything damaged is executed
    judge(names_are_whole)
    judge(machine_code_is_whole)
    judge(loops_are_whole)


def folders_are_ones_own() -> None:
    for mode in (0o777, 0o702, 0o1777):
        with tempfile.TemporaryDirectory() as base, pytest.MonkeyPatch.context() as patch:
            patch.delenv(kept.PRIVATE, raising=False)
            kept.chosen_folder.cache_clear()
            kept.private.cache_clear()
            others_can_write(mode, Path(base), patch)
    with tempfile.TemporaryDirectory() as base:
        another_users(Path(base))


def test_the_oldest_goes(folder: Path) -> None:
    """What is kept does not grow for ever."""
    for i in range(20):
        kept.keep("kind", f"{i:02}", bytes(1000 - 32))
        os.utime(kept.cache_folder() / "kind" / f"{i:02}", (i, i))
    kept.thin_out(kept.cache_folder() / "kind", 20_000)
    assert len(files(kept.cache_folder())) == 20
    kept.thin_out(kept.cache_folder() / "kind", 10_000)
    assert [p.name for p in files(kept.cache_folder())] == [f"{i:02}" for i in range(13, 20)]


def test_it_is_looked_at_now_and_then(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10_000)
    for i in range(3 * kept.SOMETIMES):
        kept.keep("kind", str(i), bytes(1000))
    assert len(files(kept.cache_folder())) <= 10 + kept.SOMETIMES
