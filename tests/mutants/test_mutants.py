"""The tests notice faults of the tool: each mutant is a fault put in on purpose, and a test named with it must fail."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.lowering import lower
from tests.mutants.__main__ import COMPILED
from tests.mutants.catalogue import MUTANTS, Mutant
from tests.mutants.subjects import SUBJECTS
from tests.support.agreement import compare, compare_counts

ROOT = Path(__file__).resolve().parents[2]


def subjects_agree() -> None:
    """The System and CPython agree on a model for each construct."""
    for make in SUBJECTS:
        model = make()
        system = lower(model)
        compare(model, states=100, crossings=50, system=system)
        compare_counts(model, most=200, system=system)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.mutants", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


FIRST = {m.judge: m for m in reversed(MUTANTS)}  # of those that each judge must notice
QUICK = {m.judge.partition(":")[0]: m for m in FIRST.values()}  # one for each file of tests: the suite has these
LONG = [
    pytest.param(m, id=m.name, marks=[] if m is QUICK[m.judge.partition(":")[0]] else pytest.mark.long) for m in MUTANTS
]


@pytest.mark.parametrize("mutant", LONG)
def test_mutant(mutant: Mutant) -> None:
    """It is noticed, and not by a crash; by the time it takes only where the mutant goes on for ever."""
    done = run(mutant.name)
    assert done.returncode != 2, done.stdout
    said = f"{done.stdout}{done.stderr}"
    assert done.returncode == (3 if mutant.hangs else 1) and not done.stderr, f"{mutant.name} is not noticed: {said}"


def called(module: str) -> set[str]:
    """The functions of a module of tests that its tests call, by way of others too."""
    tree = ast.parse((ROOT / module.replace(".", "/")).with_suffix(".py").read_text())
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    found = {n for n in functions if n.startswith("test_")}
    grown = True
    while grown:
        names = {n.id for f in found for n in ast.walk(functions[f]) if isinstance(n, ast.Name)} & set(functions)
        grown, found = not names <= found, found | names
    return found


@pytest.mark.parametrize(
    "judge", [j for j in FIRST if ":" in j and j.partition(":")[2] not in called(j.partition(":")[0])]
)
def test_judge_sees_nothing_in_the_tool_itself(judge: str) -> None:
    """Those that no test of their module calls."""
    module, _, name = judge.partition(":")
    getattr(importlib.import_module(module), name)()


@pytest.mark.long
def test_mutants_judges_see_nothing_in_the_tool_itself() -> None:
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr


def test_mutants_apply() -> None:
    """The code that each changes is there once."""
    for mutant in MUTANTS:
        found = importlib.util.find_spec(mutant.module)
        assert found is not None and found.origin is not None, mutant.name
        source = Path(found.origin).read_text()
        for old, new in mutant.edits:
            assert source.count(old) == 1, f"{mutant.name}: {old!r}"
            source = source.replace(old, new)


def test_mutants_name_what_there_is(tmp_path: Path) -> None:
    """A mutant that uses a name which nothing has is noticed by its crash alone, and says nothing of its judge."""
    for number, mutant in enumerate(MUTANTS):
        found = importlib.util.find_spec(mutant.module)
        assert found is not None and found.origin is not None
        text = Path(found.origin).read_text()
        for old, new in mutant.edits:
            text = text.replace(old, new)
        (tmp_path / f"mutant{number}.py").write_text(text)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "--output-format", "concise"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_numba_keeps_is_known() -> None:
    """Of every module with loops: a mutant of one that is not named would find the loops as they are."""
    folder = ROOT / "explorer" / "search" / "native"
    compiled = {f for f in folder.rglob("*.py") if re.search(r"^@(kept_loop|njit|intrinsic)", f.read_text(), re.M)}
    assert compiled and {".".join(f.relative_to(ROOT).with_suffix("").parts) for f in compiled} == set(COMPILED)


def test_mutant_names_differ() -> None:
    assert len({m.name for m in MUTANTS}) == len(MUTANTS)
