"""A litmus test on several kernels: the answer on each, explored once for all whose rules, as far as it reads them, agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

from explorer.errors import UsageError
from explorer.language.model import Model
from explorer.language.rules import Rules, agree, reading
from explorer.litmus.explore import Explored, explore, table_alone
from explorer.litmus.kept import Tables
from explorer.litmus.program import LitmusError, OutOfFrames, Program
from explorer.process.command_line import command_line
from explorer.process.data import HIDDEN, Data
from explorer.search.outcome import ALL, Engine, Progress, Resources

MOST_SPARE = 30  # page frames more than a test is thought to need
Kernel = TypeVar("Kernel", bound=Rules)
Build = Callable[[Program, Kernel, int], Model]  # the model of a test on a kernel, with so many spare page frames


@dataclass(frozen=True)
class LitmusAnswer(Data):
    """What a test shows on one kernel.

    `file`: of the test.
    `name`: of the test.
    `kernel`: as it was asked for.
    `observation`: Never, Sometimes, Always or Blocked.
    `positive`: distinct end states in which its condition is true.
    `negative`: the others.
    `states`: how many end states there are.
    `outcomes`: the table, a row each.
    `expected`: by the test, None where it expects nothing there.
    `complete`: every run was followed to its end.
    `explored`: the table and the run that was asked for.
    """

    file: str
    name: str
    kernel: str
    observation: str
    positive: int
    negative: int
    states: int
    outcomes: tuple[Mapping[str, str | bool], ...]
    expected: str | None
    complete: bool
    explored: Annotated[Explored, HIDDEN]

    @property
    def agrees(self) -> bool:
        """It is as expected, or may be."""
        return self.expected is None or self.explored.observation.agrees(self.expected)


def litmus_answers(
    path: Path,
    program: Program,
    asked: Sequence[tuple[str, Kernel]],
    expecting: Mapping[str, str],
    build: Build[Kernel],
    *,
    witness: bool = False,
    max_states: int | None = None,
    engine: Engine = "auto",
    resources: Resources = ALL,
    progress: Callable[[Progress], None] | None = None,
    parts: str = "",
) -> Iterator[LitmusAnswer]:
    """The answer on each kernel, as soon as it is known. `asked`: kernels, each with how it is written. `expecting`: name of a
    kernel -> what the test expects there. `parts`: the digest of all that `build` is made of, which keeps tables between runs;
    "": nothing is kept. The other arguments are those of `explore`."""
    known: list[tuple[dict[str, Any], Explored]] = []
    tables = Tables(program, parts if table_alone(witness, max_states, engine) else "")

    def explored(kernel: Kernel, spare: int = 0) -> Explored:
        """`spare`: page frames more than the test is thought to need."""
        try:
            return explore(
                program,
                build(program, kernel, spare),
                witness=witness,
                max_states=max_states,
                engine=engine,
                resources=resources,
                progress=progress,
            )
        except OutOfFrames:
            if spare > MOST_SPARE:
                raise
            return explored(kernel, 2 * spare + 2)

    for given, kernel in asked:
        same = next((found for read, found in known if agree(kernel, read)), None)
        if same is None:
            filled = tables.find(kernel)
            if filled is not None:
                read, same = filled[0], Explored(filled[1], "")
            else:
                with reading({"kernel": kernel}) as reads:
                    same = explored(kernel)
                read = reads["kernel"]
                if not same.stopped:
                    tables.keep(kernel, read, same.observation)
            known.append((read, same))
        yield answer(with_command(same, path, given), path, given, expecting.get(str(kernel)))


def kept_answers(
    path: Path, program: Program, asked: Sequence[tuple[str, Kernel]], expecting: Mapping[str, str], parts: str
) -> list[LitmusAnswer] | None:
    """The answers that `litmus_answers` gives, where the table on each kernel is kept; else None. Nothing is executed."""
    tables = Tables(program, parts)
    found = []
    for given, kernel in asked:
        filled = tables.find(kernel)
        if filled is None:
            return None
        found.append(answer(Explored(filled[1], ""), path, given, expecting.get(str(kernel))))
    return found


def answer(explored: Explored, path: Path, kernel: str, expected: str | None) -> LitmusAnswer:
    seen = explored.observation
    return LitmusAnswer(
        file=str(path),
        name=seen.program.name,
        kernel=kernel,
        observation=seen.word,
        positive=seen.positive,
        negative=seen.negative,
        states=len(seen.rows),
        outcomes=tuple(seen.outcomes()),
        expected=expected,
        complete=seen.complete,
        explored=explored,
    )


def with_command(explored: Explored, path: Path, kernel: str) -> Explored:
    """With the command that replays its run on that kernel: the same run is one of every kernel that it was explored for."""
    if explored.trace is None:
        return explored
    replay = replay_command(path, kernel, explored.trace.schedule)
    return replace(explored, trace=replace(explored.trace, reproduce=replay))


def replay_command(path: Path, kernel: str, schedule: str) -> str:
    """The command that replays a run of the test."""
    return command_line("replay", litmus=str(path), kernel=kernel, schedule=schedule)


def expectations(
    program: Program, parse: Callable[[str], Any], usual: Sequence[str]
) -> tuple[dict[str, str], list[tuple[str, Any]]]:
    """Name of a kernel -> what the test expects there; and the kernels to run it on if none is asked for, each with how it is
    written. `parse`: makes a kernel of its text. `usual`: for a test that expects nothing.

    Raises LitmusError for a line that names no kernel.
    """
    expecting: dict[str, str] = {}
    run_on: list[tuple[str, Any]] = []
    for line in program.expectations:
        try:
            kernel = parse(line.kernel)
        except UsageError as e:
            raise LitmusError(e.message, line.place) from None
        if expecting.get(str(kernel), line.observation) != line.observation:
            raise LitmusError(f"the kernel {kernel} is expected to do two things", line.place)
        expecting[str(kernel)] = line.observation
        run_on.append((line.kernel, kernel))
    return expecting, run_on or [(version, parse(version)) for version in usual]


def litmus_files(names: Sequence[str]) -> Iterator[Path]:
    """The tests that files and folders are or hold. Raises UsageError."""
    for name in names:
        path = Path(name)
        if path.is_dir():
            found = sorted(path.glob("*.litmus"))
            if not found:
                raise UsageError(f"there is no *.litmus in the folder {name}")
            yield from found
        elif path.exists():
            yield path
        else:
            raise UsageError(f"there is no litmus test or folder {name}")
