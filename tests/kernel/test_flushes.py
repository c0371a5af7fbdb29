"""The table of docs/flushes.md: it has each pair of who owes a TLB flush and who meets the entry, and a test behind each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from explorer import check
from explorer.litmus.parse import parse_file
from explorer.models.linux import access, fork, ksm, migrate, numa, protect, userfault
from explorer.models.linux.kernels import kernel, rules_of
from tests.support.flushes import Who, pair
from tests.support.fork_bugs import EXPECTED

ROOT = Path(__file__).resolve().parents[2]
OWES = (
    Who.RECLAIM,
    Who.DONTNEED,
    Who.UFFD_WP,
    Who.NUMA,
    Who.CLEAR_REFS,
    Who.MIGRATE_VMA,
    Who.MPROTECT,
    Who.MREMAP,
    Who.FORK,
    Who.MUNMAP,
)
WHO = {who.value: who for who in Who}
# of those that take mmap_lock: where
LOCKS: dict[Who, tuple[Callable[..., Any], str]] = {
    Who.DONTNEED: (protect.madvise_dontneed, "read"),
    Who.UFFD_WP: (userfault.mwriteprotect_range, "read"),
    Who.NUMA: (numa.change_prot_numa, "read"),
    Who.MIGRATE_VMA: (migrate.migrate_vma, "read"),
    Who.FAULT: (access.do_user_addr_fault, "read"),
    Who.KSM: (ksm.try_to_merge_with_ksm_page, "read"),
    Who.CLEAR_REFS: (protect.clear_refs, "write"),
    Who.MPROTECT: (protect.mprotect, "write"),
    Who.MREMAP: (protect.mremap, "write"),
    Who.MUNMAP: (protect.munmap, "write"),
    Who.FORK: (fork.ForkCall.dup_mmap, "write"),
}


def rows() -> list[list[str]]:
    """The rows of the table: owes, meets, why, rules, tests."""
    text = (ROOT / "docs" / "flushes.md").read_text().partition("## Who makes up for it")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def pairs(row: list[str]) -> list[tuple[Who, Who]]:
    owes, meets = ([WHO[name] for name in cell.split(", ")] for cell in row[:2])
    return list(product(owes, meets))


APART = [cell for row in rows() if row[2] == "mmap_lock" for cell in pairs(row)]
EXPLORED = [cell for row in rows() if row[2] != "mmap_lock" for cell in pairs(row)]


def test_each_pair_has_a_row() -> None:
    assert sorted(a.name + b.name for a, b in APART + EXPLORED) == sorted(
        a.name + b.name for a, b in product(OWES, Who)
    )


@pytest.mark.parametrize(("owes", "meets"), APART, ids=lambda who: who.name.lower())
def test_kept_apart_by_mmap_lock(owes: Who, meets: Who) -> None:
    """Both take it, and one of them for writing; who owes keeps it until the flush."""
    for who in (owes, meets):
        function, kind = LOCKS[who]
        source = inspect.getsource(function)
        assert re.search(rf"(mmap_lock\(.*\)|lock)\.{kind}\b", source), who
        if who is owes and "flush_tlb" in source:
            assert source.index(f".{kind}") < source.index("flush_tlb"), who
    assert "write" in (LOCKS[owes][1], LOCKS[meets][1])


FIRST = dict(reversed(EXPLORED))  # whom each meets first
PAIRS = [pytest.param(*cell, marks=[] if FIRST[cell[0]] is cell[1] else pytest.mark.long) for cell in EXPLORED]


@pytest.mark.parametrize(("owes", "meets"), PAIRS, ids=lambda who: who.name.lower())
def test_pair(owes: Who, meets: Who) -> None:
    """Nothing is lost, and no TLB names a page that has gone elsewhere."""
    result = check(pair(owes, meets, kernel("v6.18")), engine="evaluator")
    assert result.complete and not result.error and not result.warnings
    assert not result.violated, result


def observed(name: str, rule: str) -> dict[bool, set[str]]:
    """What the litmus test, or the rows of the model's table, show where the rule is on and where it is off."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    model, _, parameter = name.partition(" ")
    if model in EXPECTED:
        for version, parameters, _, _, violated in EXPECTED[model]:
            if parameters.partition(" ")[0] == parameter:
                found[rules_of(kernel(version))[rule]].add("violated" if violated else "holds")
    else:
        for expectation in parse_file(ROOT / "tests" / "litmus" / f"{name}.litmus").expectations:
            found[rules_of(kernel(expectation.kernel))[rule]].add(expectation.observation)
    return found


@pytest.mark.parametrize("row", [row for row in rows() if row[3]], ids=lambda row: row[3])
def test_without_its_rule(row: list[str]) -> None:
    """Each rule of a row is off in a test of the row that finds the bug, and on in one that does not."""
    rules, tests = (re.findall("`([^`]+)`", cell) for cell in row[3:5])
    assert rules and tests
    for rule in rules:
        shown = [observed(test, rule) for test in tests]
        assert any(found[False] & {"violated", "Sometimes"} for found in shown), rule
        assert any(found[True] & {"holds", "Never"} for found in shown), rule
