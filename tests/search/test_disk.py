"""Levels on disk: spilling, checkpoints and resuming give the answer of a search in memory, whatever happens."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from explorer import UsageError
from explorer.search import reference
from explorer.search.outcome import Bounds, Listener, Resources, Task
from explorer.system.form import System
from tests.support.outcomes import counters, system_of, unequal
from tests.support.systems import random_system

native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every level but the first goes to disk, in many small runs."""
    monkeypatch.setattr(native, "LEAST", 1 << 17)


TIGHT = Resources(threads=1, memory=1)


# ---------------------------------------------------------------- spilling


def test_spilled_random_systems() -> None:
    spilled_searches_agree()


def spilled_searches_agree() -> None:
    """In many small runs, read in small pieces."""
    from explorer.search.native.storage import disk, homes, spill

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "LEAST", 1)
        for module in (disk, spill):
            patch.setattr(module, "CHUNK", 5)
        for seed in range(40):
            system = random_system(seed)
            for bounds in (Bounds(states=3000), Bounds(depth=3), Bounds(states=7), Bounds(first=True, states=3000)):
                found = native.search(Task(system, bounds, resources=TIGHT))
                assert not unequal(found, reference.search(Task(system, bounds))), seed
        used: list[int] = []
        frontier = homes.OnDisk.frontier

        def counting(self: Any, depth: int, workers: int) -> Any:
            used.append(depth)
            return frontier(self, depth, workers)

        patch.setattr(homes.OnDisk, "frontier", counting)
        system = counters(3, 5)
        assert (
            not unequal(
                native.search(Task(system, Bounds(), resources=TIGHT)), reference.search(Task(system, Bounds()))
            )
            and used
        )


def test_spilled_models(crowded: None) -> None:
    for system in (system_of("rdma_fork"), counters(4, 11)):
        for threads in (1, 3):
            resources = dataclasses.replace(TIGHT, threads=threads)
            assert not unequal(
                native.search(Task(system, Bounds(), resources=resources)), reference.search(Task(system, Bounds()))
            )


def test_many_runs_are_merged() -> None:
    many_runs_are_merged()


def many_runs_are_merged() -> None:
    """Candidates of one level in several runs, and merged in several ranges of hashes."""
    from explorer.search.native.storage import spill

    written: list[int] = []
    write = spill.Candidates.write_run

    def counting(self: Any) -> None:
        written.append(len(self.store))
        write(self)

    system = counters(4, 7)
    expected = reference.search(Task(system, Bounds()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "LEAST", 1)
        patch.setattr(native, "ROOM", 8)
        patch.setattr(spill.Candidates, "write_run", counting)
        assert not unequal(native.search(Task(system, Bounds(), resources=TIGHT)), expected)
    assert len(written) > 2 * expected.depth


def test_it_is_said_that_states_go_to_disk(crowded: None) -> None:
    said: list[str] = []
    native.search(Task(counters(4, 7), Bounds(), resources=TIGHT), Listener(say=said.append))
    assert any(text.startswith("memory is used up with ") for text in said)


def test_a_full_disk_ends_the_search(crowded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known then is the answer, bounded."""
    left = [20_000]
    write = os.pwrite

    def full(file: int, data: bytes, at: int) -> int:
        left[0] -= len(data)
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data, at)

    monkeypatch.setattr(os, "pwrite", full)
    system = counters(4, 7)
    found = native.search(Task(system, Bounds(), resources=TIGHT))
    assert found.stopped == "disk" and not found.complete and found.depth > 2
    assert found.states == reference.search(Task(system, Bounds(depth=found.depth))).states


# ---------------------------------------------------------------- checkpoints


@pytest.mark.parametrize("seed", range(12))
def test_resumed_after_any_bound(seed: int, tmp_path: Path) -> None:
    resumed_as_if_never_stopped(seed, tmp_path)


def resumed_searches_agree() -> None:
    for seed in range(12):
        with tempfile.TemporaryDirectory() as folder:
            resumed_as_if_never_stopped(seed, Path(folder))


def resumed_as_if_never_stopped(seed: int, base: Path) -> None:
    """Stopped at a depth, then at another, then finished."""
    system = system_of("rdma_fork") if seed == 0 else random_system(seed)
    folder = Resources(threads=1, folder=base / "checkpoint", every=0)
    again = dataclasses.replace(folder, resume=True)
    native.search(Task(system, Bounds(depth=2, states=3000), resources=folder))
    native.search(Task(system, Bounds(depth=4, states=3000), resources=again))
    expected = reference.search(Task(system, Bounds(states=3000)))
    for resources in (again, dataclasses.replace(again, threads=3), dataclasses.replace(again, memory=1)):
        assert not unequal(native.search(Task(system, Bounds(states=3000), resources=resources)), expected)


def test_foreign_and_damaged_checkpoints_are_refused(tmp_path: Path) -> None:
    damage_is_told(tmp_path)


def damage_is_noticed() -> None:
    with tempfile.TemporaryDirectory() as folder:
        damage_is_told(Path(folder))


def damage_is_told(tmp_path: Path) -> None:
    """The reason is told, and nothing is changed."""
    folder = tmp_path / "checkpoint"
    first = Resources(threads=1, folder=folder)
    resume = dataclasses.replace(first, resume=True)
    system = counters(3, 5)
    with pytest.raises(UsageError, match="holds no checkpoint"):
        native.search(Task(system, Bounds(), resources=resume))
    native.search(Task(system, Bounds(depth=6), resources=first))
    kept = {f.name: f.read_bytes() for f in folder.iterdir()}

    def refused(match: str, file: str, damage: bytes, system: System = system) -> None:
        (folder / file).write_bytes(damage)
        with pytest.raises(UsageError, match=match):
            native.search(Task(system, Bounds(), resources=resume))
        for name, content in kept.items():
            (folder / name).write_bytes(content)

    manifest, states = kept["manifest.json"], kept["states"]
    refused("is of another system", "states", states, counters(3, 6))
    refused("shorter than its manifest says", "states", states[:-8])
    refused("is damaged in level 6", "states", states[:-1] + bytes([states[-1] ^ 1]))
    refused("is damaged in level 0", "states", bytes([states[0] ^ 1]) + states[1:])
    refused("is damaged: it is no manifest", "manifest.json", manifest[:-10])
    refused(
        "is damaged: its digest is another",
        "manifest.json",
        manifest.replace(b'transitions\\": ', b'transitions\\": 1'),
    )
    outer = json.loads(manifest)
    outer["manifest"] = outer["manifest"].replace('"format": 2', '"format": 3')
    import hashlib

    outer["digest"] = hashlib.sha256(outer["manifest"].encode()).hexdigest()
    refused("written by another version", "manifest.json", json.dumps(outer).encode())
    # what is behind the last complete level is cut off: a search was writing it when it was killed
    (folder / "states").write_bytes(states + b"half a level")
    assert not unequal(
        native.search(Task(system, Bounds(), resources=resume)), reference.search(Task(system, Bounds()))
    )


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    from explorer.search.native.storage.disk import Levels

    held = Levels.begin(tmp_path, 1)
    with pytest.raises(UsageError, match="is in use by another search"):
        native.search(Task(counters(2, 2), Bounds(), resources=Resources(folder=tmp_path)))
    held.close()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="can't be used for states"):
        native.search(Task(counters(2, 2), Bounds(), resources=Resources(folder=tmp_path / "file")))


KILLED = """
import sys
from pathlib import Path
from explorer.search.native import search as native
from explorer.search.outcome import Bounds, Resources, Task
from tests.support.outcomes import counters
memory = 1 if sys.argv[3] == "spilled" else None
native.LEAST = 1 << 17
resources = Resources(threads=1, memory=memory, folder=Path(sys.argv[1]), every=0, resume=sys.argv[2] == "resume")
print("ready", flush=True)
native.search(Task(counters(4, 11), Bounds(), resources=resources))
"""


def killed_at_random_moments(folder: Path, times: int, seed: int) -> int:
    """Start, kill after a random time, go on, kill, ...; then finish. Gives how often it was killed before its end."""
    chance = random.Random(seed)
    system = counters(4, 11)
    expected = reference.search(Task(system, Bounds()))
    killed = 0
    for n in range(times):
        if not (folder / "manifest.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
        mode = "resume" if (folder / "manifest.json").exists() else "fresh"
        command = [sys.executable, "-c", KILLED, str(folder), mode, chance.choice(("spilled", "in memory"))]
        environment = {**os.environ, "PYTHONHASHSEED": str(n)}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as running:
            assert running.stdout is not None and running.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.6))
            running.send_signal(signal.SIGKILL)
            ended = running.wait()
        assert ended in (0, -signal.SIGKILL), "it ended by itself, in error"
        killed += ended == -signal.SIGKILL
        if mode == "resume" and chance.random() < 0.2:
            shutil.rmtree(folder)  # and from the start again
    resume = (folder / "manifest.json").exists()
    found = native.search(Task(system, Bounds(), resources=Resources(threads=2, folder=folder, resume=resume)))
    assert not unequal(found, expected)
    return killed


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """A few times here; `python -m tests.search.test_disk 50` does it fifty times."""
    assert killed_at_random_moments(tmp_path / "checkpoint", 4, 1) >= 2


def test_killed_in_the_middle_of_a_write(tmp_path: Path) -> None:
    """A few times here, while states are really spilled; `python -m tests.kills 60` does it sixty times."""
    from tests.kills import kills

    assert kills(6, tmp_path / "kept")[0] >= 6


def test_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`explore resume` knows the model, its parameters and the properties; the answer is that of one run."""
    from explorer.cli.main import main

    def counted(*words: str) -> tuple[int, list[str]]:
        code = main([*words, "--quiet"])
        return code, [re.sub(r", [0-9.]+ s$", "", line) for line in capsys.readouterr().out.splitlines()]

    monkeypatch.chdir(tmp_path)
    asked = ("--model", "rdma_fork", "-p", "child=exits", "--kernel", "v5.9-rc4", "--property", "pinned_page_stays")
    assert main([*asked, "--checkpoint", "kept", "--depth", "4", "--quiet"]) == 4
    capsys.readouterr()
    assert counted("resume", "kept") == counted(*asked)
    assert counted("resume", "kept")[0] == 1  # and once more, though there is nothing left to do
    assert main(["resume", "elsewhere"]) == 2
    assert capsys.readouterr().err == "explore: elsewhere holds no checkpoint: there is no manifest.json in it\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as base:
        count = int(sys.argv[1])
        print(f"killed {killed_at_random_moments(Path(base) / 'checkpoint', count, 7)} of {count} times, same answer")
