"""The stories of fork, COW and GUP: every named bug is found with its fix off, and is gone with it on."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from explorer import Result, Verdict, check, load
from explorer.language.model import Model
from explorer.models.linux.kernels import Kernel, kernel
from explorer.search.outcome import Engine
from tests.support.agreement import compare
from tests.support.fork_bugs import EXPECTED

# model -> kernel, parameters, states, transitions, the violated properties with their depths
# fmt: off
# fmt: on
LARGE = 10_000  # states, from which compiling pays
CASES = [
    pytest.param(
        name,
        *row,
        id=" ".join([name, *row[:2]]).strip(),
        marks=pytest.mark.long if number > 1 and number % 3 else (),  # a story and its end are always told
    )
    for name, rows in EXPECTED.items()
    for number, row in enumerate(rows)
]


def made(name: str, version: str, parameters: str) -> Model:
    model = load(name)
    values: dict[str, Any] = {}
    for setting in parameters.split():
        key, text = setting.split("=")
        values[key] = model.convert(key, text)
    built: Model = model(kernel=kernel(version), **values)
    return built


def violated(result: Result) -> str:
    return " ".join(f"{p.name}@{p.depth}" for p in result.properties if p.verdict is Verdict.VIOLATED)


@pytest.mark.parametrize(("name", "version", "parameters", "states", "transitions", "found"), CASES)
def test_counts_and_verdicts(
    name: str, version: str, parameters: str, states: int, transitions: int, found: str
) -> None:
    engine: Engine = "native" if states > LARGE else "evaluator"
    result = check(made(name, version, parameters), engine=engine, reduce="none")
    assert result.complete and not result.error
    assert (result.states, result.transitions, violated(result)) == (states, transitions, found)
    assert all(p.verdict is not Verdict.UNREACHABLE or p.reason for p in result.properties)


@pytest.mark.parametrize("name", EXPECTED)
def test_fixed_sibling(name: str) -> None:
    """The default breaks a promise that the same function keeps under its FIXED parameters: both are in the table."""
    fixed: dict[str, Any] = import_module(f"explorer.models.{name}").FIXED
    model = load(name)
    table = {(version, parameters): found for version, parameters, _, _, found in EXPECTED[name]}
    assert fixed.keys() <= {"kernel"}
    assert table[kernel_of(model(**fixed)), ""] == ""
    if fixed:
        assert table[kernel_of(model()), ""] != ""
    else:
        assert name in ("odp_fork", "sva_fork")  # hold as they are; the table breaks their protections one by one


def kernel_of(model: Model) -> str:
    named: Kernel = model.parameters["kernel"]
    return named.name


@pytest.mark.parametrize("name", EXPECTED)
def test_agreement(name: str) -> None:
    """The lowering and CPython agree, on the last of the table."""
    version, parameters, *_ = EXPECTED[name][-1]
    assert compare(made(name, version, parameters), states=30, crossings=10).states >= 20


def test_no_race_is_needed() -> None:
    """The parent, the child, the parent: pinned_page_stays is violated with as few context switches as there can be."""
    found = check(made("pin_cow_reuse", "v5.9-rc4", ""), engine="evaluator")["pinned_page_stays"]
    assert found.trace is not None and found.trace.switches == 2


def test_what_the_child_of_direct_io_reads() -> None:
    """Either what was there before the I/O finished, or its result: with FOLL_GET, a result that came after fork as well."""
    for version, late in (("v4.19", True), ("v6.4", True), ("v6.5", False)):
        result = check(made("odirect_fork", version, ""), engine="evaluator")
        assert result["child_reads_before"].verdict is Verdict.REACHED
        assert result["child_reads_result"].verdict is Verdict.REACHED
        assert (result["fork_content"].verdict is Verdict.VIOLATED) == late


def test_properties_without_a_subject_say_so() -> None:
    before = check(made("pin_cow_reuse", "v5.9", ""), engine="evaluator")
    assert before["anon_exclusive"].verdict is Verdict.NOT_APPLICABLE
    assert check(made("pin_cow_reuse", "v5.19", ""), engine="evaluator")["anon_exclusive"].verdict is Verdict.HOLDS
