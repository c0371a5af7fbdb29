"""What comes from a file is data: checkpoints and answers that somebody forged run no code, write nowhere and break nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer import UsageError
from explorer.answer.model_names import shipped_model
from explorer.cache import kept
from explorer.cli.main import main
from explorer.process import foreign
from explorer.search import reference
from explorer.search.outcome import Bounds, Resources, Task
from tests.support.manifests import forged, of
from tests.support.outcomes import counters, unequal

native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
disk = pytest.importorskip("explorer.search.native.storage.disk", reason="numba can't be imported")
SYSTEM = counters(3, 5)
EVIL = """
import os
open("RAN", "w").close()
from explorer import Model, step
def model():
    m = Model()
    @m.thread("t")
    async def t():
        await step("s")
    return m
"""


def about(folder: Path) -> dict[str, Any]:
    whole = json.loads(json.loads((folder / "manifest.json").read_text())["manifest"])
    found: dict[str, Any] = whole["about"]
    return found


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkpoint of a shipped model, in a working directory of its own with a module that must not run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text(EVIL)
    code = main(["--model", "rdma_fork", "--kernel", "v4.19", "--depth", "4", "--checkpoint", "run1", "--quiet"])
    assert code == 4
    return tmp_path / "run1"


def resume(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["resume", *words, "--quiet", "--depth", "6"])
    said = capsys.readouterr()
    return code, said.out, said.err


# ---------------------------------------------------------------- what a checkpoint may say


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"model": "evil.py:model"},
            "no code is run because a file says so; if that file is yours, type: explore resume",
        ),
        (
            {"model": "../x/evil.py:model"},
            "type: explore resume run1 --model FILE.py:model (FILE.py: it was '../x/evil.py')",
        ),
        (
            {"model": "run1/own.py:model"},
            "type: explore resume run1 --model FILE.py:model (FILE.py: it was 'run1/own.py')",
        ),
        ({"model": "evil"}, "is about the model 'evil', which is not shipped"),
        ({"model": "os:system"}, "is about the model 'os:system', which is not shipped"),
        ({"model": "evil.py:model;ls"}, "is about the model 'evil.py:model;ls', which is not shipped"),
        ({"model": "\x1b[2J\nevil"}, r"is about the model '\x1b[2J\nevil', which is not shipped"),
        ({"model": 7}, "does not say what was searched: 7 is no text"),
        ({"out": "evil"}, "does not say what was searched: there is nothing called 'out'"),
        ({"checkpoint": "evil"}, "there is nothing called 'checkpoint'"),
        ({"directory": "/"}, "there is nothing called 'directory'"),
        ({"format": "pytest"}, "there is nothing called 'format'"),
        ({"reduce": "por"}, "'por' is none of None, symmetry, none"),
        ({"first": 1}, "1 is neither true nor false"),
        ({"parameters": ["out=evil"]}, "has no parameter 'out'"),
        ({"parameters": "pages=2"}, "'pages=2' is no list"),
        ({"parameters": ["pages=" + "9" * 5000]}, "the parameter pages must be an integer"),
        ({"property": ["evil"]}, "there is no property 'evil'"),
        ({"kernel": "evil"}, "evil"),
        ({"kernel": ...}, "'kernel' is missing"),
    ],
    ids=str,
)
def test_a_manifest_sets_known_options(
    sealed: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], message: str
) -> None:
    """Nothing runs, nothing is written, and the answer is a sentence."""
    (sealed / "own.py").write_text(EVIL)
    before = sorted(os.walk("."))
    forged(sealed, about={k: v for k, v in {**about(sealed), **changes}.items() if v is not ...})
    code, out, err = resume(capsys, "run1")
    assert code == 2 and message in err and not out and "Traceback" not in err and "\x1b" not in err
    assert sorted(os.walk(".")) == before


def test_a_model_of_ones_own_is_given(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says what to type, that works, and another model is refused."""
    assert main(["--model", "evil.py:model", "--checkpoint", "own", "--quiet"]) == 0
    os.unlink("RAN")
    code, _, err = resume(capsys, "own")
    assert code == 2 and not os.path.exists("RAN")
    assert err == (
        "explore: own is about a model that is not shipped, and no code is run because a file says so; "
        "if that file is yours, type: explore resume own --model evil.py:model\n"
    )
    assert resume(capsys, *err.split("explore resume ")[1].split())[0] == 0 and os.path.exists("RAN")
    code, _, err = resume(capsys, "own", "--model", "rdma_fork")
    assert code == 2 and "is of another system" in err
    code, _, err = resume(capsys, "run1", "--model", "evil.py:model")
    assert code == 2 and "the model evil.py:model has no kernel" in err


# ---------------------------------------------------------------- what a checkpoint holds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    native.search(Task(SYSTEM, Bounds(depth=6), resources=Resources(threads=1, folder=tmp_path / "run1")))
    return tmp_path / "run1"


def resumed(folder: Path) -> Any:
    return native.search(Task(SYSTEM, Bounds(), resources=Resources(threads=1, folder=folder, resume=True)))


HUGE = 10**30
WRONG: list[dict[str, Any]] = [
    {"sizes": [-1]},
    {"sizes": [HUGE], "sums": [""]},
    {"sizes": [0], "sums": [""]},
    {"sizes": [1 << 47] * 7},
    {"sizes": [1.5]},
    {"sizes": "1"},
    {"sums": [1]},
    {"sums": []},
    {"words": HUGE},
    {"words": 2},
    {"words": None},
    {"system": None},
    {"system": "another"},
    {"about": []},
    {"complete": "yes"},
    {"transitions": -1},
    {"fired": []},
    {"fired": [-1]},
    {"fired": [HUGE]},
    {"targets": []},
    {"targets": {"no such": [1, "state", 1, []]}},
    {"targets": {"deadlock_freedom": [99, "stuck", 0, []]}},
    {"targets": {"deadlock_freedom": [HUGE, "stuck", 0, []]}},
    {"targets": {"deadlock_freedom": [1, "state", 0, []]}},
    {"targets": {"deadlock_freedom": [1, "stuck"]}},
    {"targets": {"deadlock_freedom": [1, "stuck", 0, []]}},  # where nobody is stuck
    {"targets": {"assertions": [1, "actions", 0, [0]]}},
    {"targets": {"assertions": [1, "actions", 0, [HUGE]]}},
    {"targets": {"assertions": [1, "actions", 0, []]}},
    {"undefined": {"deadlock_freedom": [1, "stuck", 0, []]}},
    {"error": [0, [1, "actions", 0, [0]]]},
    {"error": [99, [1, "actions", 0, [99]]]},
    {"error": 7},
    {"seconds": -1},
    {"seconds": HUGE},
    {"seconds": None},
    {"out": "evil"},
    {"fired": ...},
    {"format": ...},
    {"format": "2"},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_wrong_manifests_are_refused(folder: Path, changes: dict[str, Any]) -> None:
    wrong_manifest_is_refused(folder, changes)


def wrong_manifest_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    forged(folder, **changes)
    with pytest.raises(UsageError):
        resumed(folder)


def test_constants_and_depths_of_json() -> None:
    for text in (
        "NaN",
        "[Infinity]",
        "1" * 5000,
        "[" * 100_000,
        '"\ud800'.encode("utf-8", "surrogatepass"),
        b"\xff",
        "",
    ):
        with pytest.raises(foreign.Malformed):
            foreign.plain(text)


def test_states_are_looked_at(folder: Path) -> None:
    states_are_looked_at(folder)


def states_are_looked_at(folder: Path) -> None:
    """With the right checksums: a value out of its range, states that are not sorted, another start."""
    sizes, words = of(folder, "sizes"), of(folder, "words")
    whole = np.frombuffer((folder / "states").read_bytes(), np.uint64).reshape(-1, words)

    def refused(rows: Any, message: str) -> None:
        import hashlib

        (folder / "states").write_bytes(rows.tobytes())
        edges = np.cumsum([0, *sizes])
        pieces = [rows[a:b].tobytes() for a, b in zip(edges, edges[1:], strict=False)]
        forged(folder, sums=[hashlib.blake2b(piece, digest_size=32).hexdigest() for piece in pieces])
        with pytest.raises(UsageError, match=f"is no checkpoint of this model: in level . {message}"):
            resumed(folder)

    rows = whole.copy()
    rows[-1] |= np.uint64(7)  # of a range to 4
    refused(rows, ".* has a value that it can't have")
    rows = whole.copy()
    rows[-1] |= np.uint64(1 << 63)
    refused(rows, "there are bits that belong to no variable")
    refused(np.concatenate([whole[: -sizes[-1]], whole[-sizes[-1] :][::-1]]), "the states are not in their order")
    rows = whole.copy()
    rows[0] = rows[1]
    refused(rows, "are not the initial states")
    rows = whole.copy()
    rows[-1] = rows[-2]
    refused(rows, "the states are not in their order")


def test_whose_levels_they_are_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whose_levels_they_are_is_said(folder, tmp_path, monkeypatch)


def whose_levels_they_are_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One's own are one's own; what another user or another machine found is taken, and said to be."""
    expected = reference.search(Task(SYSTEM, Bounds()))
    mine = native.search(Task(SYSTEM, Bounds(depth=8), resources=Resources(threads=1, folder=folder, resume=True)))
    assert mine.notes == ()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))
    found = resumed(folder)
    assert not unequal(dataclasses.replace(found, notes=()), expected)
    assert found.notes == (
        f"{folder} was not written by you on this machine: its levels 0 to 8, {sum(of(folder, 'sizes')[:9])} states, and what "
        "it says of them were taken from it and not searched here",
    )
    assert resumed(folder).notes == found.notes  # although this one has sealed it now


def test_random_manifests(folder: Path) -> None:
    """Whatever one value of a manifest is: it is refused with a sentence, or the search ends."""
    chance = random.Random(1)
    kept = {f.name: f.read_bytes() for f in folder.iterdir()}
    values: list[Any] = [None, True, -1, 0, 1, 7, HUGE, 1e308, "", "x", [], [[]], {}, {"a": 1}, [0] * 9, "\x00", [None]]

    def changed(value: Any) -> Any:
        if isinstance(value, dict) and value and chance.random() < 0.7:
            name = chance.choice(list(value))
            return {**value, name: changed(value[name])}
        if isinstance(value, list) and value and chance.random() < 0.7:
            at = chance.randrange(len(value))
            return [*value[:at], changed(value[at]), *value[at + 1 :]]
        return chance.choice(values)

    refused = 0
    for _ in range(150):
        whole = json.loads(json.loads(kept["manifest.json"])["manifest"])
        name = chance.choice(list(whole))
        forged(folder, **{name: changed(whole[name])})
        try:
            resumed(folder)
        except UsageError:
            refused += 1
        for name, content in kept.items():
            (folder / name).write_bytes(content)
    assert refused > 75


# ---------------------------------------------------------------- answers to be asked again

SMALL = """
from explorer import Model, Part, Range, always, step, var
class P(Part):
    def __init__(self, m):
        super().__init__(m, "p")
        self.x = var(Range(0, 2), 0)
@always
def small(p: P) -> bool:
    "Small."
    return p.x <= 1
def model():
    open("RAN", "w").close()
    m = Model()
    p = P(m)
    @m.thread("t")
    async def t():
        await step("s")
        p.x = 1
        await step("look")
        assert p.x == 1
    m.require(small)
    return m
"""


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What `explore analyze` says of a model of one's own."""
    pytest.importorskip("z3", reason="z3 can't be imported")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.py").write_text(SMALL)
    capsys.readouterr()
    assert main(["analyze", "--model", "small.py:model", "--format", "json"]) == 0
    (tmp_path / "RAN").unlink()
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_an_answer_runs_nothing(answer: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    def again(*words: str, **changes: Any) -> tuple[int, str]:
        Path("a.json").write_text(json.dumps({**answer, **changes}))
        code = main(["analyze", "--recheck", "a.json", *words])
        return code, capsys.readouterr().err

    said = "a.json is about a model that is not shipped, and no code is run because a file says so; if that file is yours, type: "
    command = "explore analyze --recheck a.json --model small.py:model"
    assert again() == (2, f"explore: {said}{command}\n") and not Path("RAN").exists()
    assert again(model="os:system")[0] == again(model=3)[0] == again(model="a.py:b c")[0] == 2
    assert not Path("RAN").exists()
    code, err = again("--model", "small.py:model")
    assert code in (0, 4) and Path("RAN").exists()
    assert again("--model", "rdma_fork")[0] == 2
    assert again("--model", "small.py:model", "-p", "a=b")[1].startswith("explore: --recheck takes the parameters from")
    Path("a.json").unlink()
    os.mkfifo("a.json")
    assert main(["analyze", "--recheck", "a.json"]) == 2 and "it is no plain file" in capsys.readouterr().err


CLAIMS: list[tuple[str, Any]] = [
    ("dead", [10**6]),
    ("dead", [-1]),
    ("dead", [0, 0]),
    ("dead", "0"),
    ("proved", ["no such"]),
    ("proved", ["assertions"]),  # with no action that is dead
    ("proved", None),
    ("invariants", [["read", 99, "int"]]),
    ("invariants", [["read", 0, "int"]]),  # no truth value
    ("invariants", [["read", "0", "int"]]),
    ("invariants", [["before", 0, "int"]]),
    ("invariants", [["__import__", "os"]]),
    ("invariants", [["and", 1]]),
    ("invariants", [[]]),
    ("invariants", [[["read"]]]),
    ("invariants", [{}]),
    ("invariants", ["true"]),
    ("invariants", [1.5]),
    ("candidates", HUGE),
    ("queries", []),
    ("solver", 3),
    ("out", "evil"),
]


@pytest.mark.parametrize("name, value", CLAIMS, ids=str)
def test_a_certificate_speaks_of_its_system(
    answer: dict[str, Any], name: str, value: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answer["certificate"].update({"dead": [], name: value})
    Path("a.json").write_text(json.dumps(answer))
    assert main(["analyze", "--recheck", "a.json", "--model", "small.py:model"]) == 2
    assert "a.json is no answer of `explore analyze --format json`: " in capsys.readouterr().err


def test_an_unasked_claim_is_refused() -> None:
    unasked_claim_is_refused()


def unasked_claim_is_refused() -> None:
    """What is claimed is asked, or is no claim about this system."""
    from explorer.reduction.certificate import Certificate, claimed_certificate
    from explorer.system.form import Failure

    fails = dataclasses.replace(
        SYSTEM.actions[0], updates=(), outcome="failure", failure=Failure("assert", "no", SYSTEM.actions[0].span)
    )
    system = dataclasses.replace(SYSTEM, actions=(*SYSTEM.actions, fails))
    certificate = Certificate("digest", "z3", (), (3,), ("assertions",)).to_json()
    certificate = json.loads(json.dumps(certificate))
    assert claimed_certificate(certificate, system).proved == ("assertions",)
    for name, value in (("dead", [10**6]), ("proved", ["no such"]), ("proved", ["assertions"])):
        with pytest.raises(foreign.Malformed):
            claimed_certificate({**certificate, "dead": [], "proved": [], name: value}, system)


@pytest.mark.parametrize("masks", [[], ["zz"], ["-1"], ["0x1"], ["f" * 5000], 7, None], ids=lambda m: str(m)[:20])
def test_masks(answer: dict[str, Any], masks: Any) -> None:
    if masks and isinstance(masks, list):
        masks = masks * len(answer["independence"]["masks"])
    answer["independence"]["masks"] = masks
    Path("a.json").write_text(json.dumps(answer))
    assert main(["analyze", "--recheck", "a.json", "--model", "small.py:model"]) == 2


# ---------------------------------------------------------------- links and other people's files


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    links_are_not_followed(folder, tmp_path)


def links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (folder / "states").rename(tmp_path / "states")
    (folder / "states").symlink_to(tmp_path / "states")
    with pytest.raises(UsageError, match="is a symbolic link, which is not followed"):
        resumed(folder)
    (folder / "states").unlink()
    (folder / "states").hardlink_to(tmp_path / "states")
    with pytest.raises(UsageError, match="a hard link"):
        resumed(folder)
    (folder / "states").unlink()
    (tmp_path / "states").rename(folder / "states")
    (folder / ".manifest.json.tmp").symlink_to(precious)
    (folder / "runs").symlink_to(tmp_path)
    resumed(folder)
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        (folder / "states").symlink_to(precious)
        (folder / ".manifest.json.tmp").symlink_to(precious)
        (folder / "manifest.json").symlink_to(precious)
        native.search(Task(SYSTEM, Bounds(depth=3), resources=Resources(threads=1, folder=folder, overwrite=True)))
        assert not (folder / "states").is_symlink()
    assert precious.read_text() == "precious"


def test_what_is_no_plain_file_is_refused(folder: Path) -> None:
    for name in ("states", "manifest.json"):
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(UsageError):
            resumed(folder)
        (folder / name).unlink()
        (folder / name).mkdir()
        with pytest.raises(UsageError):
            resumed(folder)
        (folder / name).rmdir()
        (folder / name).write_bytes(content)
    resumed(folder)


def test_spilling_beside_a_folder_called_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spilling_leaves_nothing(tmp_path, monkeypatch)


def spilling_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the checkpoint's folder nor in TMPDIR, and what else is there stays."""
    monkeypatch.setattr(native, "LEAST", 1 << 17)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "run1" / "runs").mkdir(parents=True)
    (tmp_path / "run1" / "runs" / "states").write_text("precious")
    tight = Resources(threads=1, memory=1, folder=tmp_path / "run1")
    assert native.search(Task(counters(4, 7), Bounds(), resources=tight)).complete
    assert native.search(Task(counters(4, 7), Bounds(), resources=Resources(threads=1, memory=1))).complete
    assert not list((tmp_path / "tmp").iterdir())
    assert sorted(p.name for p in (tmp_path / "run1").iterdir()) == ["manifest.json", "runs", "states"]
    assert (tmp_path / "run1" / "runs" / "states").read_text() == "precious"


def test_nothing_is_overwritten_unasked(folder: Path, tmp_path: Path) -> None:
    nothing_is_overwritten_unasked(folder, tmp_path)


def nothing_is_overwritten_unasked(folder: Path, tmp_path: Path) -> None:
    kept = {f.name: f.read_bytes() for f in folder.iterdir()}
    fresh, other = Resources(threads=1, folder=folder), tmp_path / "other"
    with pytest.raises(UsageError, match="explore resume .*run1, or write over it with --overwrite"):
        native.search(Task(SYSTEM, Bounds(), resources=fresh))
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == kept
    other.mkdir()
    (other / "states").write_text("of the user")
    with pytest.raises(UsageError, match="may be yours: name another folder"):
        native.search(Task(SYSTEM, Bounds(), resources=Resources(folder=other)))
    assert (other / "states").read_text() == "of the user" and len(list(other.iterdir())) == 1
    found = native.search(Task(SYSTEM, Bounds(), resources=Resources(threads=1, folder=folder, overwrite=True)))
    assert not unequal(found, reference.search(Task(SYSTEM, Bounds())))
    held = disk.Levels.open_earlier(folder, 1)
    with pytest.raises(UsageError, match="is in use by another search"):
        native.search(Task(SYSTEM, Bounds(), resources=Resources(threads=1, folder=folder, overwrite=True)))
    held.close()


def test_a_folder_is_a_checkpoint_from_the_start(tmp_path: Path) -> None:
    """Killed before the first level was sealed: it goes on from there, which is the start."""

    class Killed(BaseException):
        pass

    def kill(_: object) -> None:
        raise Killed

    run1 = Resources(threads=1, folder=tmp_path / "run1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native.Search, "insert_initial", kill)
        with pytest.raises(Killed):
            native.search(Task(SYSTEM, Bounds(), resources=run1))
    assert not unequal(resumed(tmp_path / "run1"), reference.search(Task(SYSTEM, Bounds())))


def test_the_signature_is_of_one_user_and_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for name in ("a", "b", "a"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / name))
        made.append(kept.signature(b"data"))
    assert made[0] == made[2] != made[1]
    assert (tmp_path / "a" / "mm-explorer" / "signing-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("times", ["9" * 5000, "999999999", "600000/t*600000"], ids=lambda t: t[:20])
def test_schedules_are_bounded(times: str) -> None:
    from explorer.answer.replaying import split
    from explorer.errors import ScheduleError

    assert split("t*3") == ["t", "t", "t"]
    with pytest.raises(ScheduleError, match="a schedule has at most 1,000,000 steps"):
        split(f"t*{times}")
    for text in ("(t", "t/(a", "t[", "(" * 3000, "t)"):
        with pytest.raises(ScheduleError, match="a bracket is not closed"):
            split(text)


# ---------------------------------------------------------------- judges of mutants


@contextlib.contextmanager
def alone() -> Iterator[tuple[Path, pytest.MonkeyPatch]]:
    """A folder and a patch, as fixtures of pytest give them."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        yield Path(folder), patch


def checkpoint(base: Path) -> Path:
    native.search(Task(SYSTEM, Bounds(depth=6), resources=Resources(threads=1, folder=base / "run1")))
    return base / "run1"


def options_are_known() -> None:
    from explorer.cli.resume import asked_options

    for name in ("out", "directory", "format"):
        with pytest.raises(foreign.Malformed):
            asked_options(
                {
                    "model": "m",
                    "parameters": [],
                    "kernel": None,
                    "property": None,
                    "first": False,
                    "reduce": None,
                    name: "x",
                }
            )
    for name in ("evil.py:model", "os", "evil"):
        with pytest.raises(UsageError):
            shipped_model(name, None, "run1", ["explore", "resume", "run1"])


def manifests_are_refused() -> None:
    for changes in WRONG:
        with alone() as (base, _):
            wrong_manifest_is_refused(checkpoint(base), changes)


def states_of_another() -> None:
    with alone() as (base, _):
        states_are_looked_at(checkpoint(base))


def levels_of_another() -> None:
    with alone() as (base, patch):
        whose_levels_they_are_is_said(checkpoint(base), base, patch)


def links() -> None:
    with alone() as (base, _):
        links_are_not_followed(checkpoint(base), base)


def overwriting() -> None:
    with alone() as (base, _):
        nothing_is_overwritten_unasked(checkpoint(base), base)


def spilling() -> None:
    with alone() as (base, patch):
        spilling_leaves_nothing(base, patch)
