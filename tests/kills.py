"""Killed in the middle of a write, in the middle of spilling: `python -m tests.kills [COUNT]`.

A search on disk with a checkpoint is killed (SIGKILL) at a chosen call of `pwrite`, `fsync`, `replace` or `ftruncate`: before it,
or half-way, with half of its bytes written. Then it goes on, may be killed again, and at the end says what a search says that was
never stopped, to the byte.
"""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explorer.search.native import search as native
from explorer.search.outcome import Bounds, Outcome, Resources, Task
from explorer.system.form import System
from tests.support.outcomes import counters

CALLS = ("pwrite", "fsync", "replace", "ftruncate")
LEAST = 1 << 12  # bytes for the candidates of a level, so that each is several runs


def spilling(folder: Path) -> Resources:
    """A search that keeps its levels there, and has no memory for any; sealed after each level."""
    going_on = (folder / "manifest.json").exists()
    return Resources(threads=1, memory=1, folder=folder, every=0, resume=going_on, overwrite=not going_on)


def said(outcome: Outcome) -> bytes:
    """All of the outcome but the time."""
    return repr(dataclasses.replace(outcome, seconds=0.0)).encode()


def counting(made: list[str], die_at: int, half: bool) -> None:
    """From now on calls that change the disk are noted; at that one the process is killed."""

    def wrapped(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*arguments: Any) -> Any:
            made.append(name)
            if len(made) != die_at:
                return call(*arguments)
            if half and name == "pwrite":
                call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2], arguments[2])
            if half and name == "fsync" and "manifest" in os.readlink(f"/proc/self/fd/{arguments[0]}"):
                os.truncate(arguments[0], os.fstat(arguments[0]).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

        return instead

    for name in CALLS:
        setattr(os, name, wrapped(name, getattr(os, name)))


def killed(system: System, folder: Path, die_at: int, half: bool) -> bool:
    """Search in a process that is killed at that call; whether it was, before its end."""
    process = os.fork()
    if not process:
        counting([], die_at, half)
        native.search(Task(system, Bounds(), resources=spilling(folder)))
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert ended in (0, -signal.SIGKILL), "it ended by itself, in error"
    return ended == -signal.SIGKILL


def kills(count: int, folder: Path, seed: int = 1) -> tuple[int, int]:
    """(kills, searches that ended as if there had been none). Raises AssertionError where one did not."""
    chance, system = random.Random(seed), counters(4, 5)
    least, native.LEAST = native.LEAST, LEAST
    usual = {name: getattr(os, name) for name in CALLS}
    try:
        made: list[str] = []
        counting(made, 0, False)
        expected = said(native.search(Task(system, Bounds(), resources=spilling(folder))))
        for name, call in usual.items():
            setattr(os, name, call)
        assert set(made) >= {"pwrite", "fsync", "replace"}, made
        done = ended = 0
        while done < count:
            shutil.rmtree(folder, ignore_errors=True)
            while killed(system, folder, chance.randrange(1, len(made) + 1), chance.random() < 0.5):
                done += 1
                if chance.random() < 0.3:
                    break
            found = said(native.search(Task(system, Bounds(), resources=spilling(folder))))
            assert found == expected, f"after {done} kills"
            left = {f.name for f in folder.iterdir()} - {"states", "manifest.json", ".manifest.json.tmp"}
            assert not left, left
            ended += 1
        return done, ended
    finally:
        native.LEAST = least
        for name, call in usual.items():
            setattr(os, name, call)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as base:
        done, ended = kills(int(sys.argv[1]) if len(sys.argv) > 1 else 60, Path(base) / "kept")
        print(f"{done} kills in the middle of a write; {ended} searches went on and said the same, to the byte")
