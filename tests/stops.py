"""Every long phase, told to stop in every way: `python -m tests.stops [ROUNDS] [PHASE...]`.

Each run is told at a moment chosen by chance, seeded. Noted: how long it then takes, the exit code, what is left in TMPDIR, which
processes are left, and whether somebody printed a traceback. A line for each phase and way; the exit code is 1 where one of them
is not as it must be.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPLORE = (sys.executable, "-m", "explorer")
# the command line with as little memory as one likes: states go to disk at once
LITTLE = (
    "import explorer.cli.options as o; o.LEAST_MEMORY = 1; import explorer.cli.main as m; raise SystemExit(m.main())"
)
SMALL = (sys.executable, "-c", LITTLE)
COW = ("--model", "benchmarks/models/cow.py:cow", "-p", "frames=4", "--quiet")
LIMIT = 6.0  # seconds that ending may take; measured on an idle machine it is below 1
LONGEST = 15.0  # seconds after which a run is told, at the latest
VERDICTS = (0, 1, 4, 5)  # it was done, or knew enough, before it heard


@dataclass(frozen=True)
class Phase:
    """A command most of whose time is one phase. `fresh`: with an empty cache."""

    words: tuple[str, ...]
    fresh: bool = False
    program: tuple[str, ...] = EXPLORE


PHASES = {
    "lowering": Phase(("dump", "--model", "rdma_fork", "-p", "pages=3", "-p", "frames=6"), fresh=True),
    "evaluator": Phase((*COW, "--engine", "evaluator", "--no-reduction")),
    "loops compiled": Phase((*COW, "--engine", "native", "--no-reduction"), fresh=True),
    "LLVM": Phase(("--model", "rdma_fork", "-p", "pages=2", "--engine", "native", "--no-reduction", "--quiet"), fresh=True),
    "compiled search": Phase((*COW, "--no-reduction")),
    "spilling": Phase((*COW, "--no-reduction", "--engine", "native", "--memory", "1"), program=SMALL),
    "checkpoints": Phase((*COW, "--no-reduction", "--checkpoint", "CHECKPOINT", "--every", "0")),
    "symmetry": Phase((*COW, "--reduce", "symmetry"), fresh=True),
    "partial order": Phase(("--model", "rdma_fork", "--kernel", "v4.19", "--reduce", "por", "--quiet"), fresh=True),
    "counterexamples": Phase(("--model", "rdma_fork", "--kernel", "v4.19", "-p", "child=exits")),
    "files": Phase(("--model", "rdma_fork", "--kernel", "v4.19", "--quiet", "--out", "OUT")),
    "liveness": Phase(("--model", "tests/models/bakery.py:bakery", "--engine", "evaluator")),
    "replay": Phase(("replay", "--model", "rdma_fork", "--kernel", "v4.19", "--schedule", "parent*9/parent:frame=1/parent*2")),
    "graph": Phase(("graph", "--model", "rdma_fork", "--by", "device.programmed")),
    "export": Phase(("export", "--model", "rdma_fork", "-p", "pages=2", "--to", "tla", "--out", "MODULE")),
    "prove": Phase(("prove", "--model", "rdma_fork", "--kernel", "v6.8", "--property", "pinned_page_stays"), fresh=True),
    "analyze": Phase(("analyze", "--model", "rdma_fork"), fresh=True),
    "repair": Phase(("repair", "--model", "rdma_fork", "--kernel", "v5.8", "--property", "pinned_page_stays"), fresh=True),
    "family": Phase(("family", "--model", "rdma_fork", "--kernel", "v5.8", "--vary", "fork,foll_pin"), fresh=True),
    "matrix": Phase(("matrix", "--model", "pin_cow_reuse", "--jobs", "2"), fresh=True),
    "litmus": Phase(("litmus", "tests/litmus"), fresh=True),
    "necessity": Phase(("necessity", "--model", "rdma_fork", "--kernel", "v6.8", "--jobs", "2"), fresh=True),
}  # fmt: skip


@dataclass
class Seen:
    """What came of telling a phase in one way."""

    codes: list[int] = field(default_factory=list)
    longest: float = 0.0
    wrong: list[str] = field(default_factory=list)


def started(phase: Phase, folder: Path, words: tuple[str, ...] = (), **more: object) -> subprocess.Popen[str]:
    """The command, in a session of its own, with its own TMPDIR."""
    for name in ("tmp", "cache"):
        (folder / name).mkdir(exist_ok=True)
    given = [
        {"OUT": str(folder / "out"), "MODULE": str(folder / "out.tla"), "CHECKPOINT": str(folder / "kept")}.get(w, w)
        for w in (*phase.words, *words)
    ]
    shutil.rmtree(folder / "kept", ignore_errors=True)
    if phase.fresh:
        shutil.rmtree(folder / "fresh", ignore_errors=True)
    environment = {
        **os.environ,
        "TMPDIR": str(folder / "tmp"),
        "XDG_CACHE_HOME": str(folder / ("fresh" if phase.fresh else "cache")),
    }
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    command = [*phase.program, *given]
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # as a shell starts a job in the background: it would be inherited
        signal.signal(signal.SIGINT, signal.default_int_handler)
    made: subprocess.Popen[str] = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, start_new_session=True, **streams
    )  # type: ignore[call-overload]
    return made


def group_left(group: int) -> bool:
    """Whether a process of the group still runs, after a moment. One that has ended and waits to be asked for does not."""
    for _ in range(20):
        if not running_in(group):
            return False
        time.sleep(0.1)
    return True


def running_in(group: int) -> bool:
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of = file.read_text().rpartition(")")[2].split()[:3]
            if int(of) == group and state not in "ZX":
                return True
    return False


def judge(
    seen: Seen, process: subprocess.Popen[str], out: str, err: str, folder: Path, allowed: tuple[int, ...]
) -> None:
    """Note what is not as it must be."""
    seen.codes.append(process.returncode)
    if process.returncode not in allowed:
        seen.wrong.append(f"code {process.returncode}: {err[-300:]}")
    if "Traceback" in err or "fault of the tool" in err:
        seen.wrong.append(f"traceback: {err[-600:]}")
    left = sorted(f.name for f in (folder / "tmp").iterdir())
    if left:
        seen.wrong.append(f"left in TMPDIR: {', '.join(left)[:200]}")
        shutil.rmtree(folder / "tmp")
    if group_left(process.pid):
        seen.wrong.append("processes are left")
        with contextlib.suppress(ProcessLookupError):  # they end just now
            os.killpg(process.pid, signal.SIGKILL)


def by_signal(*numbers: signal.Signals, group: bool = True) -> Callable[[Phase, Path, random.Random, Seen], None]:
    """Signals, one after the other: to the whole group, as a terminal sends them, or to the first process alone."""

    def tell(phase: Phase, folder: Path, chance: random.Random, seen: Seen) -> None:
        process = started(phase, folder)
        time.sleep(chance.uniform(0.3, LONGEST) if chance.random() < 0.5 else chance.uniform(0.3, 3))
        began = time.monotonic()
        for number in numbers:
            if process.poll() is None:
                if group:
                    os.killpg(process.pid, number)
                else:
                    process.send_signal(number)
                time.sleep(0.2 if len(numbers) > 1 else 0)
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            seen.wrong.append("it did not end in 60 s")
        took = time.monotonic() - began
        seen.longest = max(seen.longest, took)
        if took > LIMIT:
            seen.wrong.append(f"it took {took:.1f} s")
        judge(seen, process, out, err, folder, (*VERDICTS, 128 + numbers[0], -numbers[0]))

    return tell


def bounded(phase: Phase, folder: Path, chance: random.Random, seen: Seen, seconds: float = 5.0) -> None:
    """`--max-seconds`, where the command has it."""
    began = time.monotonic()
    process = started(phase, folder, ("--max-seconds", f"{seconds:g}"))
    out, err = process.communicate()
    if "there is no option --max-seconds" in err:
        return
    took = time.monotonic() - began - seconds
    seen.longest = max(seen.longest, took)
    if took > LIMIT:
        seen.wrong.append(f"it took {took + seconds:.1f} s")
    judge(seen, process, out, err, folder, VERDICTS)


def reader_gone(phase: Phase, folder: Path, chance: random.Random, seen: Seen) -> None:
    """The reader of its output reads nothing and goes away."""
    process = started(phase, folder, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = finished(process)
    judge(seen, process, "", err, folder, (*VERDICTS, 141, -signal.SIGTERM, 143))


def finished(process: subprocess.Popen[str]) -> str:
    """What it says, when it has ended: by itself, or told after a while."""
    try:
        process.wait(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
    assert process.stderr is not None
    err = process.stderr.read()
    process.wait()
    return err


def disk_full(phase: Phase, folder: Path, chance: random.Random, seen: Seen) -> None:
    """Standard output is a full disk."""
    with open("/dev/full", "w", encoding="ascii") as full:
        process = started(phase, folder, stdout=full)
    err = finished(process)
    judge(seen, process, "", err, folder, (*VERDICTS, 71, 143))


def little_memory(phase: Phase, folder: Path, chance: random.Random, seen: Seen) -> None:
    """There is little address space."""
    size = chance.choice((150, 250, 400, 600, 900, 1400, 2500, 4000)) << 20
    process = started(phase, folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)))
    err = finished(process)
    judge(seen, process, "", f"ulimit -v {size >> 10}: {err}", folder, (*VERDICTS, 71, 143, 2))


WAYS: dict[str, Callable[[Phase, Path, random.Random, Seen], None]] = {
    "SIGINT": by_signal(signal.SIGINT),
    "SIGINT twice": by_signal(signal.SIGINT, signal.SIGINT),
    "SIGINT alone": by_signal(signal.SIGINT, group=False),
    "SIGTERM": by_signal(signal.SIGTERM, group=False),
    "SIGHUP": by_signal(signal.SIGHUP),
    "SIGKILL": by_signal(signal.SIGKILL, group=False),
    "--max-seconds": bounded,
    "broken pipe": reader_gone,
    "full disk": disk_full,
    "little memory": little_memory,
}


def told(phase: str, way: str, rounds: int, folder: Path, seed: int = 1) -> Seen:
    """The phase told in that way, so many times."""
    chance, seen = random.Random(f"{phase} {way} {seed}"), Seen()
    for _ in range(rounds):
        WAYS[way](PHASES[phase], folder, chance, seen)
    return seen


def report(rounds: int, phases: list[str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="stops-") as base:
        for phase in phases:
            for way in WAYS:
                seen = told(phase, way, rounds, Path(base))
                if seen.codes:
                    counts = " ".join(f"{c}x{seen.codes.count(c)}" for c in sorted(set(seen.codes)))
                    yield f"{phase:16} {way:14} {seen.longest:5.1f} s  codes {counts}" + "".join(
                        f"\n    WRONG {text}" for text in seen.wrong
                    )


if __name__ == "__main__":
    faults = 0
    asked = sys.argv[2:] or list(PHASES)
    for line in report(int(sys.argv[1]) if len(sys.argv) > 1 else 1, asked):
        print(line, flush=True)
        faults += line.count("WRONG")
    print(f"{faults} wrong")
    raise SystemExit(bool(faults))
