"""Litmus tests: every file of tests/litmus/ shows what it expects; the command as a user meets it; the engines agree."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.cli.main import main
from explorer.litmus.explore import Explored, explore
from explorer.litmus.observe import observe
from explorer.litmus.parse import parse, parse_file
from explorer.litmus.program import Program
from explorer.litmus.words import OPERATIONS, PREDICATES
from explorer.models.linux.kernels import kernel
from explorer.models.linux.litmus import litmus_model

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.litmus"))


# many runs, though some have an order to begin with: each kernel takes a search
SEARCHED = {
    "pin-fast+swap-race",
    "pin-fast+fork-race",
    "pin-fast+migration-race",
    "ksm+pageout",
    "read-pin+ksm-twin-pinned",
    "read-pin-fast+ksm-race",
    "truncate+store-race",
}
RACES = [f for f in FILES if not parse_file(f).ordered or f.stem in SEARCHED]


@pytest.mark.parametrize(
    "file",
    [pytest.param(f, id=f.stem, marks=[pytest.mark.long] if f in RACES else []) for f in FILES],
)
def test_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kernel that the file names shows what it expects."""
    shows(file, [e.kernel for e in parse_file(file).expectations], capsys)


@pytest.mark.parametrize("file", RACES, ids=lambda f: f.stem)
def test_race(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first and the last of them."""
    kernels = [e.kernel for e in parse_file(file).expectations]
    shows(file, [kernels[0], kernels[-1]], capsys)


def shows(file: Path, kernels: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["litmus", str(file), "--kernel", ",".join(kernels), "--format", "json"]) == 0, capsys.readouterr().out
    answers = json.loads(capsys.readouterr().out)
    assert [a["kernel"] for a in answers] == kernels
    assert all(a["observation"] == a["expected"] and a["complete"] for a in answers)


def test_the_folder() -> None:
    """At least 60 files, each named as its test, with a question, with kernels, and with what it mirrors; all in the README."""
    listed = re.findall(r"^\| `([^`]+)` \|", (FOLDER / "README.md").read_text(), re.M)
    assert sorted(listed) == sorted(f.stem for f in FILES) and len(FILES) >= 60
    for file in FILES:
        program = parse_file(file)
        assert program.name == file.stem and program.question.endswith("?"), file
        assert len(program.expectations) >= 3 and re.search(r"^\(\* mirrors: .+ \*\)$", file.read_text(), re.M), file


def test_every_question_is_another() -> None:
    programs = [parse_file(f) for f in FILES]
    asked = [(p.locations, p.files, p.devices, p.columns, p.ordered, p.quantifier, p.condition) for p in programs]
    assert len(set(map(repr, asked))) == len(asked)


def test_all_words_are_used() -> None:
    """Each operation and each predicate stands in some file."""
    programs = [parse_file(f) for f in FILES]
    verbs = {o.verb for p in programs for _, o in p.operations}
    predicates = {a.predicate for p in programs for a in p.atoms}
    assert not set(OPERATIONS) - verbs and not set(PREDICATES) - predicates


# ---------------------------------------------------------------- the command

RACE = r"""mm race
"Is either order possible?"
{ x = a }
 P0                   | DEV           ;
 pin x write longterm |               ;
 store x b            | dma_write x d ;
 r0 = load x          |               ;
ordered
exists (P0:r0 = b)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "race.litmus").write_text(RACE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["litmus", "race.litmus", "--kernel", "v5.10"]) == 0
    assert capsys.readouterr().out == "\n".join(
        [
            "Test race Allowed  kernel v5.10",
            "States 2",
            "*> P0:r0=b;",
            ":> P0:r0=d;",
            "Ok",
            "Witnesses",
            "Positive: 1 Negative: 1",
            "Condition exists (P0:r0=b)",
            "Observation race Sometimes 1 1",
            "",
            "",
        ]
    )


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "race.litmus").write_text(RACE + "expect v5.10 Sometimes\n")
    kernels = "v5.10,v5.11+write_protect_seq=off+reuse=mapcount"
    assert main(["litmus", ".", "--kernel", kernels, "--format", "json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first == {
        "file": "race.litmus",
        "name": "race",
        "kernel": "v5.10",
        "observation": "Sometimes",
        "positive": 1,
        "negative": 1,
        "states": 2,
        "outcomes": [{"P0:r0": "b"}, {"P0:r0": "d"}],
        "expected": "Sometimes",
        "complete": True,
    }
    assert (second["kernel"], second["expected"]) == ("v5.11+write_protect_seq=off+reuse=mapcount", None)


def test_disagreement(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "race.litmus").write_text(RACE + "expect v4.19 Sometimes\nexpect v5.10 Never\n")
    assert main(["litmus", "race.litmus"]) == 1
    said = capsys.readouterr().out
    assert "Expected Sometimes: as observed" in said and "Expected Never: DISAGREES" in said
    assert said.endswith("disagreement:\n  race.litmus: race on v5.10 is Sometimes, expected Never\n")
    assert main(["litmus", "race.litmus", "--kernel", "v4.19"]) == 0


def test_kernels(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without expect lines and --kernel: one kernel of each kind; all: every kernel of the list."""
    from explorer.models.linux.history import KERNELS

    for given, number in (([], 6), (["--kernel", "all"], len(KERNELS)), (["--kernel", "v5.10,all"], len(KERNELS))):
        assert main(["litmus", "race.litmus", *given]) == 0
        assert capsys.readouterr().out.count("Observation race Sometimes 1 1\n") == number


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("litmus", "the following arguments are required: FILE|FOLDER"),
        ("litmus none.litmus", "there is no litmus test or folder none.litmus"),
        ("litmus empty", "there is no *.litmus in the folder empty"),
        ("litmus race.litmus --kernel v5.10,", "one of them is empty in 'v5.10,'"),
        ("litmus race.litmus --kernel v5.10,+reuse=mapcount", "without a comma: v5.10+reuse=mapcount"),
        ("litmus race.litmus --kernel v5.10+reuse=mapcont", "(did you mean mapcount?)"),
        ("litmus race.litmus --kernel 5.10", "did you mean v5.10"),
        ("litmus wrong.litmus", "wrong.litmus:4:2: there is no operation 'stor'; did you mean store?"),
        ("litmus kernel.litmus", "kernel.litmus:10:8: a kernel is vX.Y"),
        ("litmus both.litmus", "both.litmus:11:8: the kernel v5.10 is expected to do two things"),
        (
            "litmus vfio.litmus",
            "vfio.litmus:4:2: what an IOMMU maps is pinned by pin_user_pages_remote(), which has no",
        ),
    ],
)
def test_wrong_usage(command: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty").mkdir()
    (folder / "wrong.litmus").write_text("mm wrong\n{ x = a }\n P0 ;\n stor x b ;\nexists (segv(P0))\n")
    (folder / "kernel.litmus").write_text(RACE + "expect 5.10 Never\n")
    (folder / "both.litmus").write_text(RACE + "expect v5.10 Never\nexpect v5.10+reuse=page_count Always\n")
    vfio = "mm vfio\n{ x = a; DEV: iommu }\n P0 | DEV ;\n pin x fast | ;\nexists (segv(P0))\n"
    (folder / "vfio.litmus").write_text(vfio)
    try:
        code = main(command.split())
    except SystemExit as e:
        code = int(str(e.code))
    said = capsys.readouterr()
    assert (code, said.out) == (2, "") and message in said.err and "Traceback" not in said.err, said.err


def test_nothing_runs_before_all_are_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "zero.litmus").write_text("mm\n")
    assert main(["litmus", "."]) == 2
    assert capsys.readouterr().out == ""


def test_bounds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bounded answer says so, and refutes only what it has seen."""
    (folder / "race.litmus").write_text(RACE + "expect v5.10 Sometimes\n")
    assert main(["litmus", "race.litmus", "--max-states", "3"]) == 4
    assert "Not every run was followed: stopped by --max-states" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("quantifier", "shown"),
    [
        ("exists", "race reaches P0:r0=b in"),
        ("~exists", "race violates ~exists (P0:r0=b) in"),
        ("forall", "race violates forall (P0:r0=b) in"),
    ],
)
def test_witness(quantifier: str, shown: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run that decides: to an end state that satisfies the condition; for forall to one that does not."""
    (folder / "race.litmus").write_text(RACE.replace("exists", quantifier))
    main(["litmus", "race.litmus", "--kernel", "v5.10", "--witness"])
    said = capsys.readouterr().out
    assert shown in said and ("in the end not P0:r0=b" in said) == (quantifier == "forall")
    assert ("registers.held[p0:r0]: None -> d" in said) == (quantifier == "forall")


def test_names_that_python_keeps() -> None:
    """Values, files and locations may have any name."""
    program = parse("mm t\n{ mro = name file value shared } P0 ; store mro mro ; r0 = load mro ; exists (P0:r0 = mro)")
    found = explore(program, litmus_model(program, kernel("v5.10"))).observation
    assert found.outcomes() == [{"P0:r0": "mro"}]


def test_engines_agree() -> None:
    """The compiled search gives the same end states and the same run."""
    races = parse((FOLDER / "pin+fork+torn.litmus").read_text())
    seen = []
    for engine in ("evaluator", "native"):
        found = explore(races, litmus_model(races, kernel("v5.10")), witness=True, engine=engine)
        assert found.trace is not None
        seen.append((found.observation, found.trace.schedule))
    assert seen[0] == seen[1] and len(seen[0][0].rows) > 2


def test_reductions_do_not_change_the_table() -> None:
    """Rows are counted once, however many runs lead to them."""
    program = parse(RACE)
    found = explore(program, litmus_model(program, kernel("v5.10"))).observation
    assert found == observe(program, [*found.rows, *found.rows], True)


def test_kernel_bug(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the kernel stops with a BUG (cc5095747edf made it a warning in v5.18), its row says so; CPython runs into it too."""
    file = str(FOLDER / "pin+reclaim+dirty.litmus")
    assert main(["litmus", file, "--kernel", "v5.17,v5.18"]) == 0
    said = capsys.readouterr().out
    bug = "kernel BUG in ext4_writepage(): page_buffers()"
    assert f"kernel v5.17\nStates 1\n:> ~(disk(F)=d); {bug}\nNo\n" in said and said.count(bug) == 1
    assert "Observation pin+reclaim+dirty Never 0 1\n" in said
    program = parse(Path(file).read_text())
    for engine in ("evaluator", "native"):
        found = explore(program, litmus_model(program, kernel("v5.17")), engine=engine).observation
        assert found.outcomes() == [{"disk(F)=d": False, "BUG": bug}]


def test_a_run_is_replayed_on_the_kernel_that_it_is_shown_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Kernels that agree in what the test reads share one search; each shows its own command, and that is true."""
    file, given = str(FOLDER / "pin+fork+store.litmus"), ["v4.19", "v4.15", "v5.8+has_pinned=on"]
    assert main(["litmus", file, "--kernel", ",".join(given), "--witness"]) == 0
    said = capsys.readouterr().out.splitlines()
    commands = [shlex.split(line.removeprefix("replay:")) for line in said if line.startswith("replay: ")]
    assert [words[words.index("--kernel") + 1] for words in commands] == given
    assert main(commands[-1][1:]) == 0  # of the one that was not searched itself
    assert capsys.readouterr().out.endswith("\nstale(P0:x) is true\n")


def test_after_an_interrupt_no_other_test_is_explored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, asked = explore, []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # nothing was answered before

    def interrupted(program: Program, *given: Any, **more: Any) -> Explored:
        asked.append(program.name)
        return replace(usual(program, *given, **more), stopped="interrupt")

    monkeypatch.setattr("explorer.litmus.kernels.explore", interrupted)
    files = [str(FOLDER / f"{name}.litmus") for name in ("get+put", "dma+nothing-pinned")]
    assert main(["litmus", *files, "--kernel", "v4.19,v6.8"]) == 130
    assert asked == ["get+put"] and "Not every run was followed: interrupted" in capsys.readouterr().out


def test_replay(capsys: pytest.CaptureFixture[str]) -> None:
    """The run that --witness shows is replayed by the command under it, to the same end."""
    file = str(FOLDER / "pin+fork+store.litmus")
    assert main(["litmus", file, "--kernel", "v4.19", "--witness"]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("replay: ")]
    command = shlex.split(line.removeprefix("replay:"))
    assert command[:3] == ["explore", "replay", "--litmus"] and main(command[1:]) == 0
    said = capsys.readouterr().out
    assert "\nin the end: " in said and said.endswith(" is true\n")
    assert main(["replay", "--litmus", file, "--kernel", "v4.19", "--schedule", "P0"]) == 0
    assert "\nat this point: " in capsys.readouterr().out
    assert main(["replay", "--litmus", file, "--schedule", "K"]) == 2
    assert "step 1 of the schedule, 'K', is not possible there" in capsys.readouterr().err
    assert main(["replay", "--litmus", str(FOLDER), "--schedule", "P0"]) == 2
    assert main(["replay", "--schedule", "P0"]) == 2
    assert "replay takes --model NAME or --litmus FILE" in capsys.readouterr().err
