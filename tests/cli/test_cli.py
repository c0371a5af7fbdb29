"""The command line as a user meets it: messages, exit codes, and nothing left half-written."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.cli.main import VERBS, main

ROOT = Path(__file__).resolve().parents[2]
WRONG = [
    ("--model rdma_frok", 2, "there is no model 'rdma_frok'; did you mean rdma_fork?"),
    ("--model rdma_fork --kernel v4.1", 2, "v4.15"),
    ("--model rdma_fork --kernel v5.11+write_protect=off", 2, "write_protect_seq"),
    ("--model rdma_fork -p pages=two", 2, "the parameter pages must be an integer, not 'two'"),
    ("--model rdma_fork -p order=first", 2, "must be one of any, parent_first, child_first, not 'first'"),
    ("--model rdma_fork -p order=child_frst", 2, "not 'child_frst'; did you mean child_first?"),
    ("--model rdma_fork -p ordre=any", 2, "no parameter 'ordre'; did you mean order?"),
    ("--model rdma_fork -p order", 2, "-p takes NAME=VALUE, not 'order'"),
    ("--model rdma_fork -p pages=1 -p pages=1", 2, "the parameter pages is given twice"),
    ("--model rdma_fork --depth -3", 2, "must not be negative, not -3"),
    ("--model rdma_fork --max-seconds soon", 2, "must be a number of seconds"),
    ("--model rdma_fork --memory 100M", 2, "must be at least 512M, not 100M"),
    ("--model rdma_fork --memory lots", 2, "must be a size as 4G or 800M, not 'lots'"),
    ("--model rdma_fork --threads 0", 2, "must be at least 1, not 0"),
    ("--model rdma_fork --engine naive", 2, "invalid choice: 'naive'"),
    ("resume nowhere", 2, "nowhere holds no checkpoint: there is no manifest.json in it"),
    ("--model rdma_fork --property pinned_page", 2, "did you mean pinned_page_stays?"),
    ("--model rdma_fork --out /proc/nowhere", 2, "can't be written"),
    ("--model missing.py:f", 2, "there is no model file missing.py"),
    ("--model model.py:f", 2, "model.py has no function f"),
    ("--model model.py", 2, "name the function that builds the model: model.py:grow"),
    ("--model syntax.py:f", 3, "syntax.py:1: syntax error"),
    ("--model raises.py:f", 3, "raises.py:1: importing raises.py failed: ZeroDivisionError"),
    ("--model model.py:grow --kernel v4.19", 2, "has no kernel"),
    ("replay --model rdma_fork --schedule parent/nobody", 2, "step 2 of the schedule, 'nobody', is not possible there"),
    ("shwo rdma_fork", 2, "did you mean show?"),
    ("show rdma_frok", 2, "there is no model or property 'rdma_frok'; did you mean rdma_fork?"),
    ("show pinned_page", 2, "did you mean pinned_page_stays?"),
    ("list modles", 2, "list takes models, properties, kernels, rules, not 'modles'; did you mean models?"),
    ("graph --model rdma_fork --by mm.ptee --depth 1", 2, "did you mean mm.pte?"),
]


@pytest.mark.parametrize(("command", "code", "message"), WRONG, ids=[w[0] for w in WRONG])
def test_wrong_usage(command: str, code: int, message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(os.listdir(folder))
    try:
        returned = main(command.split())
    except SystemExit as e:
        returned = int(str(e.code))
    said = capsys.readouterr().err
    assert (returned, message in said) == (code, True), said
    assert "Traceback" not in said
    assert sorted(set(os.listdir(folder)) - {"__pycache__"}) == before


@pytest.mark.parametrize(
    ("options", "code"),
    [("", 0), ("-p stop=off", 3), ("-p top=1", 5), ("--depth 1", 4), ("--max-states 1", 4), ("--max-seconds 0", 4)],
)
def test_exit_codes(options: str, code: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", "model.py:grow", *options.split()]) == code, capsys.readouterr().out


def test_violation_beats_a_bound() -> None:
    assert main(["--model", "rdma_fork", "--max-states", "100", "--quiet"]) == 1


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", "rdma_fork", "--kernel", "v4.19", "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == 1 and answer["complete"] and answer["kernel"] == "v4.19"
    found = {p["name"]: p for p in answer["properties"]}["pinned_page_stays"]
    assert found["verdict"] == "violated" and len(found["trace"]["steps"]) == found["depth"]


def test_a_counterexample_replays(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--model", "rdma_fork", "--format", "json", "--property", "pinned_page_stays"])
    trace = json.loads(capsys.readouterr().out)["properties"][0]["trace"]
    assert main(["replay", "--model", "rdma_fork", "--schedule", trace["schedule"]]) == 1
    assert "pinned_page_stays" in capsys.readouterr().out


def test_a_full_disk_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["--model", "rdma_fork", "--out", "out", "--property", "pinned_page_stays"]) == 2
    assert "the disk is full" in capsys.readouterr().err
    assert os.listdir(folder / "out") == []


ENDLESS = """
from explorer import Model, Part, Range, array, step


class Counters(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "counters")
        self.x = array(Range(0, 7), Range(0, 9), lambda i: 0)


def endless() -> Model:
    m = Model()
    counters = Counters(m)

    @m.thread("cpu", i=range(8))
    async def cpu(i: int) -> None:
        while True:
            await step("count")
            counters.x[i] = (counters.x[i] + 1) % 10

    return m
"""


def test_ctrl_c_leaves_an_answer(tmp_path: Path) -> None:
    """Ten to the eighth states: interrupted long before the end, it says what it has seen."""
    (tmp_path / "endless.py").write_text(ENDLESS)
    command = [sys.executable, "-m", "explorer", "--model", "endless.py:endless"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )
    time.sleep(4)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "interrupted" in out and "holds to depth" in out and "Traceback" not in err


def test_list_and_show(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert "rdma_fork" in listed and "pinned_page_stays" in listed and "v5.10.y" in listed
    assert main(["list", "rules"]) == 0
    assert "  fork=plain  (plain|early_copy|exclusive|vm_nocow)\n" in capsys.readouterr().out
    assert main(["show", "rdma_fork"]) == 0
    shown = capsys.readouterr().out
    assert (
        "abstracted away" in shown and "gup_fast=off|on|kernel  (default off)\n      the driver tries GUP-fast" in shown
    )
    assert "no_lost_dma" in shown and "must be reachable: child_runs_while_pinned" in shown
    assert shown.count("everyone goes on writing.") == 1 and "Parameters:" not in shown
    assert main(["show", "pinned_page_stays"]) == 0
    assert capsys.readouterr().out.startswith("A page that a device holds for DMA stays the page its process maps.\n")
    assert main(["show", "model.py:grow"]) == 0
    assert capsys.readouterr().out == (
        "A counter that grows.\n\nparameters (-p NAME=VALUE):\n  top=N  (default 2)\n  stop=on|off  (default on)\n\n"
        "properties, with the defaults (--property NAME):\n  must be reachable: full\n"
    )


def test_a_wrong_property_is_said_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", "rdma_fork", "--property", "pinned"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("verb", VERBS)
def test_help(verb: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each option says what it does, and the examples are commands that work."""
    with pytest.raises(SystemExit) as left:
        main([verb, "--help"])
    text = capsys.readouterr().out
    assert left.value.code == 0 and max(map(len, text.splitlines())) <= 120
    assert not re.search(r"^  -\S+( \S+)?\n  -", text, re.M)
    (folder / "tests" / "litmus").mkdir(parents=True)
    for name in ("a.litmus", "tests/litmus/a.litmus"):
        shutil.copy(ROOT / "tests" / "litmus" / "pin+fork+store.litmus", folder / name)
    for line in re.findall(r"^  explore (.*)", text, re.M):
        command = shlex.split(line.split("   ")[0].replace("mine.py:model", "model.py:grow"))
        if verb == "necessity":  # a shipped model takes a minute
            command = ["model.py:grow" if word == "rdma_fork" else word for word in command]
            command = command[: command.index("--kernel")] if "--kernel" in command else command
            if "--all" in command:
                command[command.index("--all")] = "--model=model.py:grow"
        if verb in ("analyze", "resume", "repair"):  # of a smaller one, which shows the same
            command = ["vmsplice_fork" if word == "rdma_fork" else word for word in command]
            command = [word for word in command if word not in ("-p", "pages=2")]
        if verb == "matrix":  # all models take minutes
            command += ["--model", "mkwrite_history", "--design", "none", "--kernel", "v5.4"]
        assert main(command) in (0, 1, 4), line
        assert capsys.readouterr().err == ""


def test_dump_and_graph(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", "--model", "model.py:grow"]) == 0
    assert "counter.x := counter.x + 1" in capsys.readouterr().out
    assert main(["graph", "--model", "model.py:grow", "--format", "graphml", "--out", "g.graphml"]) == 0
    import networkx

    assert networkx.read_graphml("g.graphml").number_of_nodes() == 4
