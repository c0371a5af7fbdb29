"""Levels on disk: the one form that spilling, checkpoints and resuming share.

A folder holds `states`, the levels one after the other, each its states sorted by hash, and `manifest.json`, which says
how long each level is, its digest, and all else that a search needs to go on. The manifest is written beside and renamed
into place after everything before it has reached the disk, so the folder always holds some number of complete levels,
whatever happens in between; what `states` has beyond them is cut off when the search goes on.

A folder may also come from somebody else. No link in it is followed, nothing that is there is overwritten unasked, and a
manifest is data (`Sealed`). It is signed: of one that this user did not write on this machine the states are looked at, too.
Levels that are not to be kept are in a file without a name, which is gone when the process is.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import hmac
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer.cache import kept
from explorer.errors import UsageError
from explorer.process import foreign
from explorer.process.command_line import command_line
from explorer.process.stop import Interrupted
from explorer.search.native.loops import search_loops
from explorer.search.native.paths import Target

FORMAT = 2
CHUNK = 1 << 18  # states read or written at a time
STATES, MANIFEST = "states", "manifest.json"
FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskFull(Interrupted):
    """No room for a level: those before it are safe."""

    def __init__(self) -> None:
        super().__init__("disk")


class InUse(UsageError):
    """Another search has the folder."""


class Levels:
    """The levels in a folder. `sizes[d]`: states of level d. `words`: 64-bit words of a state."""

    def __init__(self, folder: Path, words: int, file: int, named: bool) -> None:
        """`file`: open, and closed with the levels. `named`: it is `states` of the folder, and to be kept."""
        self.folder, self.words, self.file, self.named = folder, words, file, named
        self.sizes: list[int] = []
        self.sums: list[str] = []

    @classmethod
    def begin(cls, folder: Path, words: int, overwrite: bool = False) -> Levels:
        """Levels to be kept in the folder, made where it is not there. `overwrite`: in the place of what it holds.

        Raises UsageError where it can't be used, or holds something.
        """
        with cant_be_used(folder):
            folder.mkdir(parents=True, exist_ok=True)
        if overwrite:
            remove(folder)
        elif os.path.lexists(folder / MANIFEST):
            resume = command_line("resume", str(folder))
            raise UsageError(
                f"{folder} holds a checkpoint: go on with it by {resume}, or write over it with --overwrite"
            )
        elif os.path.lexists(folder / STATES) and (folder / STATES).lstat().st_size:
            raise UsageError(
                f"{folder / STATES} is in the way of a checkpoint, and may be yours: name another folder, or write over it "
                "with --overwrite"
            )
        return cls(folder, words, locked_folder(folder, os.O_CREAT), named=True)

    @classmethod
    def open_earlier(cls, folder: Path, words: int) -> Levels:
        """The levels of an earlier search, none until `restore`. Raises UsageError."""
        if not os.path.lexists(folder / MANIFEST):
            raise UsageError(f"{folder} holds no checkpoint: there is no {MANIFEST} in it")
        return cls(folder, words, locked_folder(folder), named=True)

    @classmethod
    def nameless(cls, folder: Path, words: int) -> Levels:
        """Levels that are gone with the process, however that ends, on the disk of the folder. Raises DiskFull, UsageError."""
        try:
            with cant_be_used(folder), tempfile.TemporaryFile(dir=folder) as file:
                return cls(folder, words, os.dup(file.fileno()), named=False)
        except UsageError as e:
            if isinstance(e.__cause__, OSError) and e.__cause__.errno in FULL:
                raise DiskFull from e
            raise

    def close(self) -> None:
        if self.file >= 0:
            os.close(self.file)
            self.file = -1

    # ------------------------------------------------------------ levels

    def append(self, rows: Iterator[Any]) -> None:
        """Add a level: its states, sorted by hash, in pieces of shape (n, words). Raises DiskFull."""
        at = self.offset(len(self.sizes))
        size, total = 0, hashlib.blake2b(digest_size=32)
        for piece in rows:
            data = np.ascontiguousarray(piece).tobytes()
            if self.named:
                total.update(data)
            size += len(piece)
            try:
                while data:
                    written = os.pwrite(self.file, data, at)
                    at, data = at + written, data[written:]
            except OSError as e:
                if e.errno in FULL:
                    raise DiskFull from e
                raise
        self.sizes.append(size)
        self.sums.append(total.hexdigest())

    def drop_last(self) -> None:
        """Forget the last level."""
        self.sizes.pop()
        self.sums.pop()

    def offset(self, depth: int) -> int:
        """Where the level begins, in bytes."""
        return 8 * self.words * sum(self.sizes[:depth])

    def read(self, depth: int, first: int, count: int) -> Any:
        """States first..first+count-1 of the level, shape (count, words)."""
        data: Any = np.empty((count, self.words), np.uint64)
        view, at = memoryview(data).cast("B"), self.offset(depth) + 8 * self.words * first
        while view:
            got = os.preadv(self.file, [view], at)
            if got == 0:
                raise UsageError(f"{self.folder / STATES} is shorter than its manifest says")
            at, view = at + got, view[got:]
        return data

    def pieces(self, depth: int) -> Iterator[Any]:
        """The states of the level, in pieces of shape (n, words)."""
        for first in range(0, self.sizes[depth], CHUNK):
            yield self.read(depth, first, min(CHUNK, self.sizes[depth] - first))

    # ------------------------------------------------------------ the manifest

    def seal(self, rest: dict[str, Any]) -> None:
        """Make the levels so far what a resumed search finds, with the `rest` that it needs. Raises DiskFull."""
        text = json.dumps({"format": FORMAT, "words": self.words, "sizes": self.sizes, "sums": self.sums, **rest})
        whole = {"digest": digest(text), "manifest": text, "signature": kept.signature(text.encode())}
        beside = self.folder / ".manifest.json.tmp"
        try:
            os.fsync(self.file)
            beside.unlink(missing_ok=True)
            with open(beside, "x", encoding="utf-8") as file:  # what is there, a link too, is not written to
                json.dump(whole, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.folder / MANIFEST)
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as e:
            beside.unlink(missing_ok=True)
            if e.errno in FULL:
                raise DiskFull from e
            raise

    def restore(self, sealed: Sealed, look: Callable[[int, Any], str] | None = None) -> None:
        """Take the sealed levels, after reading all of them. `look` says what is wrong with a piece of a level, or "".

        Raises UsageError where a level is damaged, or `look` finds something.
        """
        there = os.fstat(self.file).st_size
        if there < 8 * self.words * sum(sealed.sizes):
            raise UsageError(f"{self.folder / STATES} is shorter than its manifest says: it was cut off")
        self.sizes, self.sums = list(sealed.sizes), list(sealed.sums)
        for depth, expected in enumerate(sealed.sums):
            total = hashlib.blake2b(digest_size=32)
            for piece in self.pieces(depth):
                total.update(piece.tobytes())
            if total.hexdigest() != expected:
                raise UsageError(f"{self.folder / STATES} is damaged in level {depth}")
            if look is not None:
                for piece in self.pieces(depth):
                    wrong = look(depth, piece)
                    if wrong:
                        raise UsageError(
                            f"{self.folder / STATES} is no checkpoint of this model: in level {depth} {wrong}"
                        )
        os.ftruncate(self.file, self.offset(len(sealed.sizes)))


@dataclass(frozen=True)
class Sealed:
    """What a manifest says, all of it of the right form; whether it fits a system is not known yet.

    `ours`: this user wrote it on this machine. `about`: what the caller wanted to know. `taken`: what that search itself had
    taken from somebody else's, as a sentence. For the rest see `Search.seal`.
    """

    ours: bool
    words: int
    sizes: tuple[int, ...]
    sums: tuple[str, ...]
    system: str
    about: Mapping[str, Any]
    complete: bool
    transitions: int
    fired: tuple[int, ...]
    targets: Mapping[str, Target]
    undefined: Mapping[str, Target]
    error: tuple[int, Target] | None
    seconds: float
    taken: str

    @classmethod
    def of_json(cls, given: Any, ours: bool) -> Sealed:
        """From plain data. Raises foreign.Malformed."""
        keys = ("format", "words", "sizes", "sums", "system", "about", "complete", "transitions", "fired", "targets",
                "undefined", "error", "seconds", "taken")  # fmt: skip
        whole = foreign.mapping(given, keys)
        sizes, sums = foreign.naturals(whole["sizes"], 1 << 48), foreign.texts(whole["sums"])
        if len(sizes) != len(sums) or 0 in sizes:
            raise foreign.Malformed("its levels have no sizes")
        error = whole["error"]
        if error is not None:
            action, target = foreign.items(error)
            error = foreign.natural(action, 1 << 48), target_of(target, len(sizes))
        return cls(
            ours,
            foreign.natural(whole["words"], 1 << 20),
            sizes,
            sums,
            foreign.text(whole["system"]),
            foreign.mapping(whole["about"]),
            foreign.flag(whole["complete"]),
            foreign.natural(whole["transitions"]),
            foreign.naturals(whole["fired"]),
            {name: target_of(t, len(sizes)) for name, t in foreign.mapping(whole["targets"]).items()},
            {name: target_of(t, len(sizes)) for name, t in foreign.mapping(whole["undefined"]).items()},
            error,
            foreign.time(whole["seconds"]),
            foreign.text(whole["taken"]),
        )


def target_of(given: Any, levels: int) -> Target:
    """A target within so many levels. Raises foreign.Malformed."""
    depth, kind, event, actions = foreign.items(given)
    kind = foreign.one_of(kind, ("state", "stuck", "step", "actions"))
    # a step without a successor leads into a level that is not there
    least, most = (0, levels - 1) if kind in ("state", "stuck") else (1, levels)
    if foreign.natural(depth, 1 << 48) not in range(least, most + 1):
        raise foreign.Malformed(f"it has no level {foreign.excerpt(depth)}")
    return Target(depth, kind, foreign.natural(event, 1 << 32), frozenset(foreign.naturals(actions, 1 << 32)))


def read_manifest(folder: Path) -> Sealed:
    """What a folder's manifest says. Raises UsageError where there is none, or it is damaged, or of another version."""
    path = folder / MANIFEST
    try:
        outer = foreign.mapping(foreign.plain(foreign.read(path)))
        text = foreign.text(outer.get("manifest"))
        whole = foreign.mapping(foreign.plain(text))
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no checkpoint: there is no {MANIFEST} in it") from None
    except OSError as e:
        raise UsageError(f"{folder} can't be read: {(e.strerror or str(e)).lower()}") from e
    except foreign.Malformed as e:
        raise UsageError(f"{path} is damaged: it is no manifest ({e})") from None
    if digest(text) != outer.get("digest"):
        raise UsageError(f"{path} is damaged: its digest is another")
    if whole.get("format") != FORMAT:
        version = foreign.excerpt(whole.get("format"))
        raise UsageError(f"{folder} was written by another version (format {version}, this one reads {FORMAT})")
    signature = outer.get("signature")
    ours = isinstance(signature, str) and hmac.compare_digest(
        signature.encode(), kept.signature(text.encode()).encode()
    )
    try:
        return Sealed.of_json(whole, ours)
    except ValueError as e:  # Malformed, or a list of another length than it is taken apart into
        raise UsageError(f"{path} is damaged: it is no manifest ({e})") from None


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@contextlib.contextmanager
def cant_be_used(folder: Path) -> Iterator[None]:
    """Turns an error of the system into a UsageError about the folder."""
    try:
        yield
    except OSError as e:
        raise UsageError(f"{folder} can't be used for states: {(e.strerror or str(e)).lower()}") from e


def locked_folder(folder: Path, how: int = 0) -> int:
    """The folder's file of states, open, for this process alone. Raises UsageError: a link is not followed."""
    path = folder / STATES
    with cant_be_used(folder):
        if path.is_symlink():
            raise UsageError(f"{path} is a symbolic link, which is not followed: put the file itself there")
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | how, 0o666)
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise UsageError(f"{path} is no plain file")
        if about.st_nlink > 1:
            raise UsageError(f"{path} is also a file of another name (a hard link), which would change: copy it")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            raise InUse(f"{folder} is in use by another search") from e
        if os.stat(path, follow_symlinks=False).st_ino != about.st_ino:
            raise InUse(f"{folder} is in use by another search")
    except BaseException:
        os.close(file)
        raise
    return file


def remove(folder: Path) -> None:
    """Take a checkpoint out of its folder, and nothing that a link in it leads to. Raises UsageError where it is in use."""
    try:
        file = locked_folder(folder)
    except InUse:
        raise
    except UsageError:  # none is there, or a link: it goes, and what it leads to stays
        file = -1
    try:
        with cant_be_used(folder):
            for name in (MANIFEST, STATES):  # in this order: what has no manifest is no checkpoint
                (folder / name).unlink(missing_ok=True)
    finally:
        if file >= 0:
            os.close(file)


def sorted_by_hash(words: tuple[int, ...], states: int, count: int) -> tuple[Any, Any]:
    """The states at an address without repetition, by hash and then by their words: shape (n, words); and their hashes."""
    rows = np.empty((count, len(words)), np.uint64)
    hashes = np.empty(count, np.uint64)
    n = search_loops.sort_unique(words, states, count, rows.ctypes.data, hashes)
    return rows[:n], hashes[:n]


def hashes_of(words: tuple[int, ...], rows: Any) -> Any:
    """The hash of each row."""
    rows = np.ascontiguousarray(rows)
    found = np.empty(len(rows), np.uint64)
    search_loops.hashes(words, rows.ctypes.data, found)
    return found
