"""The JSON answer has exactly the keys that docs/json.md documents, with their types, whatever the verdict."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer import Model, Part, Range, Verdict, always, check, choose, load, step, var
from explorer.answer.catalogue import ModelFunction
from explorer.answer.replaying import split
from explorer.cli.main import main
from explorer.render.files import write_trace

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "json.md").read_text()
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "bool": (bool,), "object": (dict,), "list": (list,),
    "trace": (dict,), "null": (type(None),),
}  # fmt: skip


def documented(heading: str, table: int = 0) -> dict[str, tuple[type, ...]]:
    """Key -> the Python types of its values, from a table under a heading."""
    section = re.split(r"^## ", TEXT.split(f"\n## {heading}\n", 1)[1], flags=re.M)[0]
    tables = re.findall(r"^\| key \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", section, re.M)
    keys = {}
    for row in tables[table].splitlines():
        key, kind = (cell.strip() for cell in row.strip("|").split("|")[:2])
        words = re.sub(r"\[(\w+)[^]]*\]\([^)]*\)", r"\1", kind)
        keys[key.strip("`")] = tuple(t for word in words.split(" or ") for t in TYPES[word.split(" ")[0]])
    return keys


def fits(value: dict[str, Any], heading: str, *more: int) -> None:
    """The object has the keys of the section's table (and of the tables `more`), with values of their types."""
    keys = documented(heading)
    for table in more:
        keys |= documented(heading, table)
    assert set(value) == set(keys)
    for key, types in keys.items():
        assert type(value[key]) in types, f"{key} is {value[key]!r}"


def trace_fits(trace: dict[str, Any], *more: int) -> None:
    fits(trace, "A trace", *more)
    for one in trace["steps"]:
        fits(one, "A step")
        for branch in one["branches"]:
            fits(branch, "A branch")
        assert all(len(pair) == 2 and pair[0] != pair[1] for pair in one["changes"].values())
    assert len(split(trace["schedule"])) == len(trace["steps"])


def answer_fits(answer: dict[str, Any]) -> None:
    fits(answer, "The answer")
    assert answer["schema"] == 1
    verdicts = set(
        re.findall(r"^\| `([\w ]+)` \| .* \| [\w ]+ \|$", TEXT.split("| verdict |")[1].split("\n\n")[0], re.M)
    )
    assert answer["complete"] == (answer["stopped"] == "")
    for prop in answer["properties"]:
        fits(prop, "A property")
        assert prop["verdict"] in verdicts
        assert (prop["trace"] is not None) == (prop["verdict"] in ("violated", "reached"))
        if prop["trace"] is not None:
            trace_fits(prop["trace"])
            assert prop["depth"] == len(prop["trace"]["steps"])
    for branch in answer["never_fired"]:
        fits(branch, "A branch that was never taken")


class Cup(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "cup")
        self.level = var(Range(0, 3), 0)


@always
def not_full(cup: Cup) -> bool:
    """There is room."""
    return cup.level < 3


def pour(*, most: int = 2, dry: bool = False, overfull: bool = False) -> Model:
    """A cup is filled by one or two at a time; it is full at 3."""
    m = Model()
    cup = Cup(m)

    @m.action("pour", actor="tap", when=lambda: not dry and (overfull or cup.level < most))
    def pour_some() -> None:
        amount = choose(n for n in range(1, 3))
        cup.level = cup.level + amount if overfull else min(cup.level + amount, most)

    @m.thread("guest")
    async def guest() -> None:
        await step("look", when=lambda: cup.level > 0, may_wait=True)
        if cup.level > 1:
            await step("drink")
            cup.level = 0

    m.require(not_full)
    m.reachable("something in it", lambda: cup.level > 0)
    return m


CASES = [
    ("holds", {}, {}, 0),
    ("violated", {"most": 3}, {}, 1),
    ("bounded", {}, {"depth": 1}, 4),
    ("error", {"overfull": True}, {}, 3),
    ("vacuous", {"dry": True}, {}, 5),
    ("states", {}, {"max_states": 3}, 4),
    ("seconds", {}, {"max_seconds": 0.0}, 4),
    ("first", {"most": 3}, {"first": True}, 1),
]


@pytest.mark.parametrize(("name", "parameters", "bounds", "code"), CASES, ids=[c[0] for c in CASES])
def test_structure(name: str, parameters: dict[str, Any], bounds: dict[str, Any], code: int, tmp_path: Path) -> None:
    result = check(ModelFunction("pour", pour)(**parameters), **bounds)
    answer = json.loads(json.dumps(result.to_json()))
    answer_fits(answer)
    assert result.exit_code == code
    assert f"| {code} |" in TEXT
    assert (answer["error"] is not None) == (name == "error")
    assert answer["parameters"]["overfull"] == ("on" if name == "error" else "off")
    by_name = {p["name"]: p for p in answer["properties"]}
    if name == "violated":
        assert by_name["not_full"]["trace"]["schedule"] == "tap.pour_some:value=1/tap.pour_some:value=2"
        assert by_name["not_full"]["trace"]["steps"][1]["changes"] == {"cup.level": ["1", "3"]}
    if name == "bounded":
        assert (answer["stopped"], answer["depth"]) == ("depth", 1)
        assert by_name["not_full"] == {
            "name": "not_full", "kind": "always", "verdict": "holds to depth", "depth": 1, "trace": None, "reason": "",
        }  # fmt: skip
    if name in ("states", "seconds", "first"):
        assert answer["stopped"] == name
    for found in result.violated:
        assert found.trace is not None
        [path] = write_trace(found.trace, tmp_path, ["json"])
        trace_fits(json.loads(path.read_text()), 1)


def test_shipped_model() -> None:
    """A real answer: a kernel, recalled facts, kernel functions, something that is not applicable."""
    function = load("rdma_fork")
    given = {"kernel": function.convert("kernel", "v5.9-rc4"), "child": function.convert("child", "exits")}
    answer = check(function(**given)).to_json()
    answer_fits(answer)
    assert answer["kernel"] == answer["parameters"]["kernel"] == "v5.9-rc4"
    verdicts = {p["name"]: p["verdict"] for p in answer["properties"]}
    assert verdicts["fork_content"] == Verdict.NOT_APPLICABLE.value
    steps = next(p["trace"]["steps"] for p in answer["properties"] if p["name"] == "pinned_page_stays")
    assert any(s["kernel"] == "mm/memory.c:do_wp_page()" and s["branches"] for s in steps)
    assert {s["file"] for s in steps} >= {"models/linux/locks.py", "models/linux/faults.py"}
    assert all((ROOT / s["file"]).is_file() for s in steps)


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The object is all there is on standard output, and every value in it is plain JSON."""
    assert main(["--model", "rdma_fork", "--format", "json", "--depth", "3"]) == 4
    answer_fits(json.loads(capsys.readouterr().out))


def test_exit_codes_are_documented() -> None:
    """The codes that a run can return, in the order of the document."""
    listed = re.findall(r"^\| (\d+) \|", TEXT.split("## Exit codes")[1], re.M)
    assert listed == ["71", "2", "3", "1", "130", "5", "4", "0"]
    wrong = subprocess.run([sys.executable, "-m", "explorer", "--model", "nothing"], cwd=ROOT, capture_output=True)
    assert wrong.returncode == 2


def test_schedule_grammar() -> None:
    assert split("parent*3/child:frame=1") == ["parent", "parent", "parent", "child:frame=1"]
    assert split("device.write(p=parent,va=0)*2/cpu[0]") == ["device.write(p=parent,va=0)"] * 2 + ["cpu[0]"]
    assert split("a[x/y]/b") == ["a[x/y]", "b"] and split("") == []
