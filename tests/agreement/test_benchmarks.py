"""The models that are measured: what they find, and that they are what other checkers count."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from explorer import Verdict, check, load

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks"
COUNTS = [
    ("cow", {"processes": 2}, (9_991, 26_317, 44), "pinned_page_stays", True),
    ("cow", {"processes": 2, "early_copy": False}, (17_557, 49_419, 44), "pinned_page_stays", False),
    ("cow", {}, (806_812, 3_128_548, 48), "pinned_page_stays", True),  # as Rumur, TLC, Stateright and Spin count it
    ("writeback", {}, (13_125, 67_750, 20), "dirty_pages_are_prepared", True),
    ("writeback", {"prepare_at_unpin": False}, (37_325, 216_970, 27), "dirty_pages_are_prepared", False),
    ("filter_lock", {"threads": 3}, (780, 1_758, 22), "mutual_exclusion", True),
    ("filter_lock", {"careful": False}, (38_416, 137_788, 52), "mutual_exclusion", False),
]


@pytest.mark.parametrize(("name", "parameters", "counts", "claim", "holds"), COUNTS, ids=lambda v: str(v))
def test_counts(
    name: str, parameters: dict[str, object], counts: tuple[int, int, int], claim: str, holds: bool
) -> None:
    result = check(load(f"{FOLDER / 'models' / name}.py:{name}")(**parameters))
    assert result.complete
    assert (result.states, result.transitions, result.depth) == counts
    assert result[claim].verdict is (Verdict.HOLDS if holds else Verdict.VIOLATED)


@pytest.mark.skipif(not (shutil.which("spin") and shutil.which("gcc")), reason="spin or gcc is not installed")
def test_the_promela_written_by_hand_is_the_same_graph(tmp_path: Path) -> None:
    """With one state and one transition more: its first step says who is born."""
    source = str(FOLDER / "promela" / "cow.pml")
    for command in (
        ["spin", "-a", "-DP=2", "-DV=1", "-DF=3", source],
        ["gcc", "-O1", "-DSAFETY", "-DNOREDUCE", "-w", "-o", "pan", "pan.c"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    out = subprocess.run(["./pan", "-m100000"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "9992 states, stored" in out and "26319 transitions" in out
    assert "max search depth too small" not in out
