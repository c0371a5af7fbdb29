"""Levels on disk: the one form that spilling, checkpoints and resuming share.

A folder holds `states`, the levels one after the other, each its states sorted by hash, and `manifest.json`, which says
how long each level is, its checksum, and all else that a search needs to go on. The manifest is written beside and renamed
into place after everything before it has reached the disk, so the folder always holds some number of complete levels,
whatever happens in between; what `states` has beyond them is cut off when the search goes on.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from explorer.errors import UsageError
from explorer.search.native import kernels

FORMAT = 1
CHUNK = 1 << 18  # states read or written at a time


class DiskFull(Exception):
    """No room for a level: those before it are safe."""


class Levels:
    """The levels in a folder. `sizes[d]`: states of level d. `words`: 64-bit words of a state."""

    def __init__(self, folder: Path, words: int, fresh: bool) -> None:
        """Open the folder, made where it is not there. `fresh`: forget what it holds. Raises UsageError."""
        self.folder, self.words = folder, words
        self.sizes: list[int] = []
        self.sums: list[int] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.file = os.open(folder / "states", os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as e:
            raise UsageError(f"{folder} can't be used for states: {(e.strerror or str(e)).lower()}") from e
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            os.close(self.file)
            raise UsageError(f"{folder} is in use by another search") from e
        if fresh:
            (folder / "manifest.json").unlink(missing_ok=True)
            os.ftruncate(self.file, 0)

    def close(self) -> None:
        if self.file >= 0:
            os.close(self.file)
            self.file = -1

    # ------------------------------------------------------------ levels

    def append(self, rows: Iterator[Any]) -> None:
        """Add a level: its states, sorted by hash, in pieces of shape (n, words). Raises DiskFull."""
        at = self.offset(len(self.sizes))
        size = total = 0
        for piece in rows:
            data = np.ascontiguousarray(piece).tobytes()
            total = zlib.crc32(data, total)
            size += len(piece)
            try:
                while data:
                    written = os.pwrite(self.file, data, at)
                    at, data = at + written, data[written:]
            except OSError as e:
                if e.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise DiskFull from e
                raise
        self.sizes.append(size)
        self.sums.append(total)

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
                raise UsageError(f"{self.folder / 'states'} is shorter than its manifest says")
            at, view = at + got, view[got:]
        return data

    def pieces(self, depth: int) -> Iterator[Any]:
        """The states of the level, in pieces of shape (n, words)."""
        for first in range(0, self.sizes[depth], CHUNK):
            yield self.read(depth, first, min(CHUNK, self.sizes[depth] - first))

    # ------------------------------------------------------------ the manifest

    def seal(self, rest: dict[str, Any]) -> None:
        """Make the levels so far what a resumed search finds, with the `rest` that it needs. Raises DiskFull."""
        whole = {"format": FORMAT, "words": self.words, "sizes": self.sizes, "sums": self.sums, **rest}
        text = json.dumps(whole)
        beside = self.folder / ".manifest.json.tmp"
        try:
            os.fsync(self.file)
            with open(beside, "w", encoding="utf-8") as file:
                json.dump({"digest": hashlib.sha256(text.encode()).hexdigest(), "manifest": text}, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.folder / "manifest.json")
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as e:
            beside.unlink(missing_ok=True)
            if e.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull from e
            raise

    def restore(self, manifest: dict[str, Any]) -> None:
        """Take the levels of the manifest, after reading all of them. Raises UsageError where a level is damaged."""
        sizes, sums = manifest["sizes"], manifest["sums"]
        there = os.fstat(self.file).st_size
        if there < 8 * self.words * sum(sizes):
            raise UsageError(f"{self.folder / 'states'} is shorter than its manifest says: it was cut off")
        self.sizes, self.sums = list(sizes), list(sums)
        for depth, expected in enumerate(sums):
            total = 0
            for piece in self.pieces(depth):
                total = zlib.crc32(piece.tobytes(), total)
            if total != expected:
                raise UsageError(f"{self.folder / 'states'} is damaged in level {depth}")
        os.ftruncate(self.file, self.offset(len(sizes)))


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder's manifest says. Raises UsageError where there is none, or it is damaged, or of another version."""
    try:
        outer = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        text = outer["manifest"]
        whole: dict[str, Any] = json.loads(text)
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no checkpoint: there is no manifest.json in it") from None
    except OSError as e:
        raise UsageError(f"{folder} can't be read: {(e.strerror or str(e)).lower()}") from e
    except (ValueError, KeyError, TypeError) as e:
        raise UsageError(f"{folder / 'manifest.json'} is damaged: it is no manifest") from e
    if hashlib.sha256(text.encode()).hexdigest() != outer.get("digest"):
        raise UsageError(f"{folder / 'manifest.json'} is damaged: its digest is another")
    if whole["format"] != FORMAT:
        raise UsageError(f"{folder} was written by another version (format {whole['format']}, this one reads {FORMAT})")
    return whole


def sorted_by_hash(words: tuple[int, ...], states: int, count: int) -> tuple[Any, Any]:
    """The states at an address without repetition, by hash and then by their words: shape (n, words); and their hashes."""
    rows = np.empty((count, len(words)), np.uint64)
    hashes = np.empty(count, np.uint64)
    n = kernels.sort_unique(words, states, count, rows.ctypes.data, hashes)
    return rows[:n], hashes[:n]


def hashes_of(words: tuple[int, ...], rows: Any) -> Any:
    """The hash of each row."""
    rows = np.ascontiguousarray(rows)
    found = np.empty(len(rows), np.uint64)
    kernels.hashes(words, rows.ctypes.data, found)
    return found
