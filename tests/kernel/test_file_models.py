"""The models of files in the page cache: exact sizes, which design and kernel keeps which promise, what each step is for."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import pytest

from explorer import Result, UsageError, Verdict, check, load
from explorer.models.linux.designs import DESIGNS, Design, Question, Translation, design
from explorer.models.linux.kernels import V5_4, V6_8, kernel
from explorer.models.linux.rules.cow import Fork
from tests.support.agreement import compare

MODELS = ("gup_writeback", "mkwrite_history", "odirect_writeback", "reclaim_buffers", "truncate_pagecache")

# model and parameters | states, transitions, depth | what is violated
VERDICTS = """
gup_writeback                                                  | 4153  9429 37 | committed_extent_immutable fsync_durable no_dirty_loss no_dirty_without_mkwrite prepared_at_writeback stable_writeback
gup_writeback fs=ext4                                          | 4095  9338 37 | fsync_durable no_dirty_loss no_dirty_without_mkwrite stable_writeback
gup_writeback set_page_dirty_at_unpin=always                   | 3316  7174 36 | committed_extent_immutable fsync_durable no_dirty_without_mkwrite prepared_at_writeback stable_writeback
gup_writeback design=refuse_longterm                           |    8    18  4 | pin_allowed
gup_writeback design=mkwrite_at_pin                            | 4502 10196 41 | committed_extent_immutable fsync_durable no_dirty_loss no_dirty_without_mkwrite prepared_at_writeback stable_writeback
gup_writeback design=mkwrite_at_pin_skip                       |  935  1992 33 | writeback_progress
gup_writeback design=mkwrite_at_pin_skip user_unpins=eventually|  935  1992 33 |
gup_writeback design=mkwrite_at_pin_skip fsync=lies            |  894  1955 33 | fsync_durable
gup_writeback design=bounce                                    | 5087 11943 36 |
gup_writeback design=mkwrite_at_pin+bounce+lease_exclusive     | 5293 12366 40 |
gup_writeback design=bounce_clears_dirty                       | 4372  9927 39 | committed_extent_immutable fsync_durable no_dirty_loss no_dirty_without_mkwrite prepared_at_writeback
gup_writeback design=odp                                       | 3054  6871 75 |
gup_writeback design=odirect                                   | 8381 18806 44 | committed_extent_immutable fsync_durable no_dirty_without_mkwrite prepared_at_writeback stable_writeback
mkwrite_history                                                |  257   565 28 | no_dirty_loss no_dirty_without_mkwrite prepared_at_writeback
mkwrite_history page_mkwrite=on                                |  157   351 27 |
mkwrite_history fs=ext4                                        |   64   144 16 | assertions no_dirty_without_mkwrite prepared_at_writeback
mkwrite_history hole=off                                       |  117   204 27 | committed_extent_immutable no_dirty_without_mkwrite prepared_at_writeback
mkwrite_history dirty_tracking=off                             |   31    60 15 | no_dirty_loss no_dirty_without_mkwrite prepared_at_writeback
reclaim_buffers                                                | 1801  4857 39 | assertions no_dirty_loss prepared_at_writeback
reclaim_buffers design=bounce                                  | 1952  5507 34 |
reclaim_buffers design=odp                                     | 2496  6449 63 |
reclaim_buffers design=odirect kernel=v6.8                     | 1620  4375 39 |
odirect_writeback                                              | 3679  9859 43 | committed_extent_immutable no_dirty_without_mkwrite prepared_at_writeback stable_writeback
odirect_writeback fs=ext4                                      | 3031  8103 41 | assertions no_dirty_without_mkwrite prepared_at_writeback stable_writeback
odirect_writeback kernel=v6.8                                  | 3541  9619 45 | committed_extent_immutable no_dirty_without_mkwrite prepared_at_writeback stable_writeback
truncate_pagecache                                             | 2731  6924 57 |
truncate_pagecache call=punch_hole                             | 2482  6291 54 |
truncate_pagecache design=refuse_longterm                      |  343   572 41 | pin_allowed
truncate_pagecache design=odirect                              | 2362  5735 60 |
truncate_pagecache design=odp cpu_stores=off                   | 2757  5076 78 |
"""  # noqa: E501


EXCUSES = ("can't be: the pin is refused", "can't be: writeback leaves a pinned page dirty")


@cache
def explore(text: str) -> Result:
    """Search the model with these parameters to the end; everything that should be reachable is, or has its excuse."""
    name, *given = text.split()
    model = load(name)
    parameters = dict(pair.split("=", 1) for pair in given)
    result = check(model(**{key: model.convert(key, value) for key, value in parameters.items()}))
    assert result.complete and not result.error
    excuses = [
        w for w in result.warnings if w.endswith(EXCUSES) and "=off" in text
    ]  # a step left out takes the excuse away
    assert list(result.warnings) == excuses
    assert result.exit_code in (0, 1), result.properties
    return result


def some_long(table: str, column: int) -> list[Any]:
    """The rows of a table, with a column to name them; every other is left to --long."""
    rows = [(row, row.split("|")[column].strip()) for row in table.strip().splitlines()]
    return [pytest.param(row, id=name, marks=pytest.mark.long if n % 2 else ()) for n, (row, name) in enumerate(rows)]


def violated(result: Result) -> set[str]:
    return {p.name for p in result.properties if p.verdict is Verdict.VIOLATED}


@pytest.mark.parametrize("row", some_long(VERDICTS, 0))
def test_sizes_and_verdicts(row: str) -> None:
    case, size, names = row.split("|")
    result = explore(case)
    assert violated(result) == set(names.split())
    assert (result.states, result.transitions, result.depth) == tuple(int(number) for number in size.split())


@pytest.mark.parametrize("name", MODELS)
def test_system_agrees_with_cpython(name: str) -> None:
    assert compare(load(name)(), states=60, crossings=40).states == 60


@pytest.mark.parametrize("name", MODELS)
def test_fixed_sibling(name: str) -> None:
    """The parameters in FIXED, with which everything holds."""
    fixed = importlib.import_module(f"explorer.models.{name}").FIXED
    result = check(load(name)(**fixed))
    result.assert_holds()
    assert result.exit_code == 0 and not result.warnings


# ---------------------------------------------------------------- bugs and their fixes


def test_rdma_to_file_pages() -> None:
    """A DMA write to a page that was cleaned; 8ac268436e6d and a6e79df92e4a refuse the pin, and nothing else helps."""
    broken = explore("gup_writeback kernel=v6.4")
    assert {"no_dirty_without_mkwrite", "stable_writeback", "prepared_at_writeback"} <= violated(broken)
    assert violated(explore("gup_writeback kernel=v6.5")) == {"pin_allowed"}


def test_fast_gup_must_refuse_too() -> None:
    """a6e79df92e4a: where another CPU has mapped the page writable, GUP-fast alone would grant the pin."""
    racy = "gup_writeback gup_fast=on cpu_stores=on calls_fsync=off"
    assert "stable_writeback" in violated(explore(f"{racy} kernel=v6.8+folio_fast_pin_allowed=off"))
    assert violated(explore(f"{racy} kernel=v6.8")) == {"pin_allowed"}


def test_ext4_bug() -> None:
    """cc5095747edf (v5.18) turns a kernel BUG into lost data; d824ec2a1546 (v6.4) keeps the buffers of a pinned page."""
    always = "reclaim_buffers set_page_dirty_at_unpin=always"
    assert violated(explore(f"{always} kernel=v5.17")) == {"assertions", "prepared_at_writeback"}
    assert violated(explore(f"{always} kernel=v5.18")) == {"no_dirty_loss", "prepared_at_writeback"}
    assert not violated(explore(f"{always} kernel=v6.8+refuse_longterm=off"))


def test_short_pins_reach_the_ext4_bug() -> None:
    """Direct I/O: a clean page in flight loses its buffers, until the block layer pins (1ccf164ec866)."""
    assert "assertions" in violated(explore("reclaim_buffers design=odirect"))
    assert violated(explore("reclaim_buffers design=odirect kernel=v6.4")) == {"no_dirty_loss", "prepared_at_writeback"}
    assert not violated(explore("reclaim_buffers design=odirect kernel=v6.8"))


def test_bounce_sees_pins_only() -> None:
    """738adade96b2 (v6.9): FUSE takes FOLL_PIN; before, a copy of pinned pages does not help its direct I/O."""
    assert "stable_writeback" in violated(explore("odirect_writeback design=bounce kernel=v6.8 file=fuse"))
    assert not violated(explore("odirect_writeback design=bounce kernel=v6.9 file=fuse"))


def test_page_mkwrite_of_xfs() -> None:
    """4f57dbc6b5ba: without it, -ENOSPC comes in writeback; with it, as SIGBUS at the store."""
    before, after = explore("mkwrite_history fs=delalloc"), explore("mkwrite_history fs=delalloc page_mkwrite=on")
    assert before["no_dirty_loss"].verdict is Verdict.VIOLATED and before["sigbus"].verdict is Verdict.UNREACHABLE
    assert not violated(after) and after["sigbus"].verdict is Verdict.REACHED


# ---------------------------------------------------------------- what each protecting step is for

STEPS = """
gup_writeback design=bounce cpu_stores=on calls_fsync=off stable_writes=off | mkclean_wrprotect | no_dirty_without_mkwrite
gup_writeback design=bounce cpu_stores=on calls_fsync=off           | mkwrite_wait_stable     | stable_writeback
gup_writeback design=bounce gup_fast=on calls_fsync=off             | unmap_before_pin_check  | stable_writeback
gup_writeback design=bounce gup_fast=on cpu_stores=on calls_fsync=off stable_writes=off | gup_fast_pte_recheck | no_dirty_loss
gup_writeback design=bounce                                         | unpin_after_dirty       | no_dirty_without_mkwrite
gup_writeback design=odp calls_fsync=off                            | notifier_waits          | stable_writeback
gup_writeback design=odp calls_fsync=off                            | odp_read_retry          | no_dirty_loss
odirect_writeback                                                   | reclaim_refcount_check  | no_dirty_loss
odirect_writeback                                                   | dio_dirty_again         | no_dirty_loss
truncate_pagecache                                                  | dirty_mapping_check     | prepared_at_writeback
truncate_pagecache                                                  | dirty_lock              | assertions
truncate_pagecache                                                  | mkwrite_mapping_check   | assertions
truncate_pagecache call=punch_hole                                  | truncate_invalidate_lock| no_dirty_loss
truncate_pagecache cpu_stores=off                                   | drain_before_unpin      | no_stale_frame_dma
mkwrite_history dirty_tracking=off hole=off                         | zap_keeps_dirty         | no_dirty_loss
"""


@pytest.mark.parametrize("row", some_long(STEPS, 1))
def test_step_is_needed(row: str) -> None:
    case, rule, name = (text.strip() for text in row.split("|"))
    assert name not in violated(explore(case))
    assert name in violated(explore(f"{case} kernel=v5.4+{rule}=off"))


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        ("odirect_writeback", "dio_dirty_first"),  # bio_check_pages_dirty() finds the page clean, and marks it again
        ("gup_writeback design=odp calls_fsync=off", "odp_dirty"),  # the device's page fault has marked it
        ("reclaim_buffers design=odp", "odp_dirty"),
    ],
)
def test_step_is_not_needed(case: str, rule: str) -> None:
    """Without it, what holds goes on to hold."""
    assert violated(explore(f"{case} kernel=v5.4+{rule}=off")) == violated(explore(case))


# ---------------------------------------------------------------- designs


def test_parse() -> None:
    assert Design.parse("none") == Design()
    joined = Design.parse("lease+iommu_abort")
    assert joined.name == "lease+iommu_abort"
    assert joined.decided() == design("lease").decided() | design("iommu_abort").decided()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bouce", "no design is named 'bouce' (did you mean bounce?)"),
        ("kill+kill", "the design kill is named twice in 'kill+kill'"),
        ("none+kill", "none is the absence of a design and joins no other"),
        (
            "wait+free_anyway",
            "wait and free_anyway can't hold at once: they differ in what truncate does about pages in",
        ),
        (
            "refuse_longterm+bounce",
            "refuse_longterm and bounce can't hold at once: they differ in whether long-term pins",
        ),
        ("lease_exclusive+kill", "lease_exclusive and kill can't hold at once: truncate fails before kill acts"),
        ("odp+odirect", "odp and odirect can't hold at once: they differ in what the device goes by"),
    ],
)
def test_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        design(text)
    assert str(refused.value).startswith(said)


def test_designs_override_the_kernel_where_they_decide() -> None:
    assert design("refuse_longterm").kernel(V5_4).refuse_longterm and not V5_4.refuse_longterm
    assert not design("bounce").kernel(V6_8).refuse_longterm and design("bounce").kernel(V5_4).foll_pin
    assert design("vm_nocow").kernel(V5_4).fork is Fork.VM_NOCOW
    assert design("odp").translation is Translation.ODP
    assert design("none").kernel(V6_8) == V6_8 == kernel("v6.8")


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_touches_a_question_or_says_why_not(name: str) -> None:
    chosen = design(name)
    for question in Question:
        assert bool(chosen.excuse(question)) is not chosen.touches(question)


@pytest.mark.parametrize("name", MODELS)
def test_a_design_of_something_else_is_not_applicable(name: str) -> None:
    """What is left is the kernel's BUG, which no such design is about."""
    result = explore(f"{name} design=vm_nocow")
    assert violated(result) == ({"assertions"} if name == "reclaim_buffers" else set())
    assert result["prepared_at_writeback"].verdict is Verdict.NOT_APPLICABLE
