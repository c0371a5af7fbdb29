"""What a user waits for, cold and warm: `python benchmarks/waiting.py [--write] [--beside CHECKOUT] [--only TEXT]`.

Each command is run in processes of its own. Cold: with an empty folder in the place of the home folder, so that nothing is kept.
Warm: the same again, the better of two runs. Given are seconds of wall time and of CPU time, children included, and as `ratio`
that CPU time over the time of a loop of plain Python, which is measured beside each command: a figure that two machines share.

reports/waiting.json has the committed ratios. What takes longer than it did is named, and ends the run with status 1; small
figures are allowed `SLACK`. `--write`: the ratios of this run are the committed ones from now on, and reports/benchmarks.md
has the table. `--beside`: an older checkout, with its environment in .venv, runs each command in turn with this one; the last
column is how many times faster this one is, cold and warm.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "reports" / "waiting.json"
SLACK = 1.3, 0.15  # times, and seconds of CPU, that a run may be slower by chance
PART = "What a user waits for"
COMMANDS = (
    "--help",
    "list models",
    "show rdma_fork",
    "diff v5.8 v5.10 --model rdma_fork",
    "--model rdma_fork --kernel v5.10 -p gup_fast=on -p thread2=pins --property pinned_page_stays",
    "litmus tests/litmus/pin+fork+store.litmus --kernel v5.9",
    "litmus tests/litmus",
    "matrix --model rdma_fork",
    "necessity --model mkwrite_history",
    "repair --model rdma_fork --kernel v4.19 --property pinned_page_stays",
    "repair --model rdma_fork --kernel v5.7 --property pinned_page_stays",
    "analyze --model odp_fork",
)
ENDS = (0, 1, 2)  # a property is violated, or the answer is not complete: answers too


@dataclass(frozen=True)
class Seconds:
    """`wall` and `cpu` of one run; `loop`: CPU of the loop of plain Python beside it."""

    wall: float
    cpu: float
    loop: float

    @property
    def ratio(self) -> float:
        """How many such loops it takes."""
        return self.cpu / self.loop


def commands() -> list[str]:
    """Those above, and each shipped model at its defaults."""
    from explorer.answer.catalogue import shipped_files

    return [*COMMANDS, *(f"--model {name}" for name in sorted(shipped_files("models")))]


def loop() -> float:
    """CPU seconds of plain Python: arithmetic, tuples, a dictionary."""
    began = time.process_time()
    seen: dict[tuple[int, int], int] = {}
    for i in range(400_000):
        key = (i % 977, i % 13)
        seen[key] = seen.get(key, 0) + len(seen)
    return time.process_time() - began


def run(checkout: Path, command: str, home: str) -> Seconds:
    """One run of the command in the checkout. Raises SystemExit if it fails."""
    python = checkout / ".venv" / "bin" / "python"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "XDG_"))}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ended = subprocess.run(
        [str(python if python.exists() else sys.executable), "-m", "explorer", *shlex.split(command)],
        cwd=checkout,
        env={**kept, "HOME": home},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode not in ENDS:
        raise SystemExit(f"explore {command} in {checkout}: status {ended.returncode}\n{ended.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Seconds(wall, cpu, min(loop() for _ in range(3)))


def cold_and_warm(checkouts: list[Path], command: str) -> list[tuple[Seconds, Seconds]]:
    """Of each checkout, which take turns."""
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / str(i) for i in range(len(checkouts))]
        for home in homes:
            home.mkdir()
        runs = [[run(c, command, str(h)) for c, h in zip(checkouts, homes, strict=True)] for _ in range(3)]
    return [(cold, min(first, second, key=lambda r: r.cpu)) for cold, first, second in zip(*runs, strict=True)]


def slower(now: Seconds, then: float) -> bool:
    """It takes longer than the committed ratio, and not by chance."""
    return now.ratio > then * SLACK[0] and (now.ratio - then) * now.loop > SLACK[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--only", default="", metavar="TEXT", help="commands with this text")
    given = parser.parse_args()
    if given.write and given.only:
        parser.error("--write is of all commands: leave out --only")
    sys.path.insert(0, str(ROOT))
    known: dict[str, list[float]] = json.loads(FIGURES.read_text())["ratios"] if FIGURES.exists() else {}
    checkouts = [ROOT] if given.beside is None else [ROOT, given.beside.resolve()]
    head = ["command", "cold s", "CPU s", "ratio", "warm s", "CPU s", "ratio"]
    if given.beside:
        head += ["faster, cold", "warm"]
    table = [head, ["---", *["--:"] * (len(head) - 1)]]
    found, slips = {}, []
    for command in commands():
        if given.only not in command:
            continue
        (cold, warm), *others = cold_and_warm(checkouts, command)
        row = [f"`explore {command}`"]
        for one in (cold, warm):
            row += [f"{one.wall:.2f}", f"{one.cpu:.2f}", f"{one.ratio:.1f}"]
        row += [f"{old.cpu / new.cpu:.1f}" for pair in others for old, new in zip(pair, (cold, warm), strict=True)]
        table.append(row)
        print("  ".join(row), flush=True)
        found[command] = [round(cold.ratio, 2), round(warm.ratio, 2)]
        slips += [
            f"explore {command}, {name}: {now.ratio:.1f} loops, {then:.1f} before"
            for name, now, then in zip(("cold", "warm"), (cold, warm), known.get(command, ()), strict=False)
            if slower(now, then)
        ]
    if given.write:
        write(found, table)
        return 0
    for slip in slips:
        print(slip)
    return 1 if slips else 0


def write(ratios: dict[str, list[float]], table: list[list[str]]) -> None:
    """The committed figures, and the table."""
    from report import put, replace_text

    replace_text(FIGURES, json.dumps({"loops": "cold, warm", "ratios": ratios}, indent=2) + "\n")
    put(PART, ["| " + " | ".join(row) + " |" for row in table])


if __name__ == "__main__":
    sys.exit(main())
