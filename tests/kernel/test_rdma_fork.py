"""The main job: the model of the mails on the kernels it is about."""

from __future__ import annotations

from typing import Any

import pytest

from explorer import Result, UsageError, Verdict, check, load
from explorer.models.linux.kernels import kernel
from explorer.models.rdma_fork import Thread2, rdma_fork


def explore(version: str, **parameters: object) -> Result:
    model = load("rdma_fork")
    values = {name: model.convert(name, str(value)) for name, value in parameters.items()}
    return check(model(kernel=kernel(version), **values))


def test_v4_19_breaks_the_promise() -> None:
    """A plain fork and mapcount reuse: the parent's store moves it off the pinned page."""
    result = explore("v4.19")
    assert result.complete and result.exit_code == 1
    assert result["pinned_page_stays"].verdict is Verdict.VIOLATED
    assert result["fork_isolation_cpu"].verdict is Verdict.HOLDS


def test_v6_18_keeps_it() -> None:
    result = explore("v6.18")
    result.assert_holds()
    assert result.exit_code == 0 and result.complete


def test_a_bound_is_never_ok() -> None:
    result = check(load("rdma_fork")(kernel=kernel("v4.19")), depth=3)
    assert str(result["pinned_page_stays"]) == "holds to depth 3"
    assert result.exit_code == 4
    with pytest.raises(AssertionError, match="not explored to the end"):
        result.assert_holds()


def test_page_count_needs_no_race() -> None:
    """v5.9-rc4 copies although the child is gone, because the pin itself raises the count."""
    result = explore("v5.9-rc4", child="exits", order="child_first")
    assert result["pinned_page_stays"].verdict is Verdict.VIOLATED
    assert explore("v4.19", child="exits", order="child_first")["pinned_page_stays"].verdict is Verdict.HOLDS


def test_gup_fast_against_fork() -> None:
    """Commit 57efa1fe5957: early copy without write_protect_seq; two context switches."""
    racy = explore("v5.10", gup_fast="on", thread2="pins")
    found = racy["pinned_page_stays"]
    assert found.verdict is Verdict.VIOLATED and found.trace is not None
    assert found.trace.switches == 2
    assert explore("v5.11", gup_fast="on", thread2="pins")["pinned_page_stays"].verdict is Verdict.HOLDS


def test_what_registration_asks_for() -> None:
    """Commit 4789fcdd14c1: RDMA meets that race since its registration tries GUP-fast."""
    verdicts = {
        version: explore(version, gup_fast="kernel", thread2="pins")["pinned_page_stays"].verdict
        for version in ("v5.10", "v5.10+umem_gup_fast=off")
    }
    assert verdicts == {"v5.10": Verdict.VIOLATED, "v5.10+umem_gup_fast=off": Verdict.HOLDS}


def test_arguments_of_a_wrong_type_are_refused() -> None:
    """A text for an Enum would be equal to no member, and build another model without a word."""
    text: Any = "stores"
    with pytest.raises(
        UsageError, match="thread2 must be one of Thread2.NONE, Thread2.STORES, Thread2.PINS, not 'stores'"
    ):
        rdma_fork(thread2=text)
    with pytest.raises(UsageError, match="pages must be of the type int, not True"):
        rdma_fork(pages=True)
    assert load("rdma_fork")(thread2="stores").parameters["thread2"] is Thread2.STORES  # as on the command line
