"""What is kept between runs, under XDG_CACHE_HOME or ~/.cache: answers, by the content of what they were computed from.

Machine code is among it, which is executed, so a folder that somebody else could have written to is not read: another is made
for this process, and the user is told. What is damaged, or was put under another name, is computed again.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import hmac
import itertools
import json
import os
import shutil
import stat
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from explorer.errors import Notice

NAME = "mm-explorer"
OTHERS = stat.S_IWGRP | stat.S_IWOTH
MOST_BYTES = 1 << 28  # of one kind of what is kept; then the oldest goes
SOMETIMES = 64  # after so many that were kept by this process it is looked at
PRIVATE = "EXPLORER_PRIVATE_CACHE"  # tells the processes of one command its private folder


def cache_folder() -> Path:
    """The folder of all that is kept, which nobody else can write to. A private one where there is no such."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # "consider the path invalid and ignore it", says the XDG Base Directory Specification
        home = os.path.expanduser("~")
        base = os.path.join(home, ".cache") if os.path.isabs(home) else ""
    return chosen_folder(base, os.geteuid())


@cache
def chosen_folder(base: str, user: int) -> Path:
    """The folder below `base`, or a private one; why that is so is told once."""
    if not base:
        return private("there is no home directory")
    folder = Path(base) / NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = folder.resolve(strict=True)
        wrong = open_to_others(folder, user)
    except OSError as e:
        return private(f"{folder} can't be used: {(e.strerror or str(e)).lower()}")
    if wrong:
        return private(f"{wrong}, and what is kept there is executed: it is not read")
    if not os.access(folder, os.W_OK | os.X_OK):
        return private(f"{folder} can't be written")
    return folder


def open_to_others(folder: Path, user: int) -> str:
    """Who else could change what is in the folder, or put another in its place, as a sentence; "" for nobody.

    `folder`: without symbolic links. Raises OSError.
    """
    for place in (folder, *folder.parents):
        about = place.lstat()
        if about.st_uid != user and (place == folder or about.st_uid != 0):
            return f"the folder {place} is another user's (number {about.st_uid})"
        # in a sticky folder, as /tmp, only the owner of a file can put another in its place
        if about.st_mode & OTHERS and (place == folder or not about.st_mode & stat.S_ISVTX):
            if about.st_mode & stat.S_IWOTH or not alone_in(about.st_gid, user):
                return f"others can write to the folder {place} (mode {stat.S_IMODE(about.st_mode):o}; chmod go-w)"
    return ""


def alone_in(group: int, user: int) -> bool:
    """Whether the group is the user's own, as many systems make one for each user: of the same name, and nobody else in it."""
    import grp
    import pwd

    try:
        of_group, of_user = grp.getgrgid(group), pwd.getpwuid(user)
    except KeyError:
        return False
    return of_group.gr_gid == of_user.pw_gid and of_group.gr_name == of_user.pw_name and not (
        set(of_group.gr_mem) - {of_user.pw_name}
    )  # fmt: skip


@cache
def private(reason: str) -> Path:
    """A folder for this command alone: gone when it ends."""
    known = os.environ.get(PRIVATE, "")
    if known:  # made by the process that started this one
        with contextlib.suppress(OSError):
            about = os.lstat(known)
            if stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid() and not about.st_mode & OTHERS:
                return Path(known)
    folder = Path(tempfile.mkdtemp(prefix="explore-cache-"))
    atexit.register(forget, folder, os.getpid())
    os.environ[PRIVATE] = str(folder)
    warnings.warn(f"{reason}; nothing is kept after this run", Notice, stacklevel=2)
    return folder


def forget(folder: Path, maker: int) -> None:
    """Remove a private folder, in the process that made it."""
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def recall(kind: str, key: str) -> bytes | None:
    """What is kept under the key, if it is whole: its digest stands before it. None where there is none."""
    try:
        whole = (cache_folder() / kind / key).read_bytes()
    except OSError:
        return None
    digest, data = whole[:32], whole[32:]
    return data if digest_of(kind, key, data) == digest else None


def keep(kind: str, key: str, data: bytes) -> None:
    """Keep the data. A cache that can't be written is no fault: the next run computes again."""
    path = cache_folder() / kind / key
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, digest_of(kind, key, data) + data)
        if next(counts.setdefault(kind, itertools.count(1))) % SOMETIMES == 0:
            thin_out(path.parent, MOST_BYTES)
    except OSError:
        return


counts: dict[str, Iterator[int]] = {}


def thin_out(folder: Path, most: int) -> None:
    """Remove the oldest files where they take more than so many bytes, until they take three quarters of that. Raises OSError."""
    found: list[tuple[float, int, str]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # another process does the same
                about = entry.stat(follow_symlinks=False)
                found.append((about.st_mtime, about.st_size, entry.path))
    total = sum(size for _, size, _ in found)
    if total <= most:
        return
    for _, size, path in sorted(found):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        total -= size
        if total <= most * 3 // 4:
            return


def digest_of(kind: str, key: str, data: bytes) -> bytes:
    """The digest of the data and of where it is kept: what lies under another name by mistake is not taken for it."""
    return hashlib.sha256(f"{kind}/{key}\0".encode() + data).digest()


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only this user can write: whole, or not at all. Raises OSError."""
    file, beside = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)  # mode 600
    try:
        with open(file, "wb") as opened:
            opened.write(data)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def recall_json(kind: str, key: str) -> Any:
    """The plain data that `keep_json` kept, None where there is none."""
    data = recall(kind, key)
    return None if data is None else json.loads(data)


def keep_json(kind: str, key: str, value: Any) -> None:
    """Keep plain data, as `keep`."""
    keep(kind, key, json.dumps(value).encode())


def signature(data: bytes) -> str:
    """What only this user, on this machine, can write under the data."""
    return hmac.digest(secret(cache_folder()), data, "sha256").hex()


@cache
def secret(folder: Path) -> bytes:
    """The key of `signature`, made when it is first needed. Where it can't be kept, it is of this process alone."""
    path, made = folder / "signing-key", os.urandom(32)
    with contextlib.suppress(OSError):
        for _ in range(2):
            file, beside = tempfile.mkstemp(prefix=".signing-key.", dir=folder)
            try:
                with open(file, "wb") as opened:
                    opened.write(made)
                with contextlib.suppress(FileExistsError):  # of several processes one makes it
                    os.link(beside, path)
            finally:
                os.unlink(beside)
            known = path.read_bytes()
            if len(known) == len(made):
                return known
            path.unlink()  # a power cut left it so
    return made
