"""The models of DAX storage that a device writes to: which design keeps which promise, and what each step is for."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from explorer import Result, UsageError, Verdict, check, load
from explorer.models.linux.designs import DESIGNS, Question, Translation, design
from tests.support.agreement import compare

SIX = (
    "pin_allowed",
    "truncate_progress",
    "truncate_not_refused",
    "app_survives",
    "no_silent_dma_loss",
    "no_stale_storage_dma",
)


@cache
def searched(model: str, parameters: tuple[tuple[str, str], ...]) -> Result:
    function = load(model)
    result = check(function(**{name: function.convert(name, value) for name, value in parameters}))
    assert result.complete and not result.error and not result.warnings
    return result


def explore(model: str, **parameters: str) -> Result:
    return searched(model, tuple(sorted(parameters.items())))


def violated(result: Result) -> set[str]:
    return {p.name for p in result.properties if p.verdict is Verdict.VIOLATED}


def given_up(model: str, **parameters: str) -> set[str]:
    """What is violated; every state that the model wants reachable is reached, or has its excuse."""
    result = explore(model, **parameters)
    assert result.exit_code in (0, 1), result.properties
    return violated(result)


# ---------------------------------------------------------------- designs by promises


# of dax_truncate: the pin is granted, truncate ends, is not refused; the process lives, lost DMA is reported, storage is safe
DAX_TRUNCATE = """
design               states  pin truncate refuse app loud storage
none                    120  -   +        +      +   +    +
refuse_longterm         120  -   +        +      +   +    +
odp                     948      +        +      +   +    +
odirect                 278  +   +        +      +   +    +
free_anyway             396  +   +        +      +   +    -
wait                    562  +   -        +      +   +    +
truncate_deferred       370  +   -        +      +   +    +
lease                   286  +   -        +      +   +    +
notify_wait             732  +   -        +      +   +    +
lease_exclusive         214  +   +        -      +   +    +
lease_timeout_kill     1176  +   +        +      -   +    +
kill                    878  +   +        +      -   +    +
kill_no_drain          1050  +   +        +      -   +    -
dummy_page              576  +   +        +      +   -    +
dummy_page_no_drain     610  +   +        +      +   -    -
iommu_abort             528  +   +        +      -   +    +
lease+iommu_abort       812  +   +        +      -   +    +
"""


def rows(table: str) -> list[tuple[str, int, str]]:
    """Design, states, and a sign for each promise; a blank for one that is not applicable."""
    head, *lines = table.strip().splitlines()
    columns = [head.index(word) for word in head.split()[2:]]
    return [
        (line.split()[0], int(line.split()[1]), "".join(line.ljust(len(head))[c] for c in columns)) for line in lines
    ]


def signs(result: Result, promises: Iterable[str]) -> str:
    said = {Verdict.HOLDS: "+", Verdict.VIOLATED: "-", Verdict.NOT_APPLICABLE: " "}
    known = {p.name: p.verdict for p in result.properties}
    return "".join(said[known.get(name, Verdict.NOT_APPLICABLE)] for name in promises)


@pytest.mark.parametrize("row", rows(DAX_TRUNCATE), ids=lambda row: row[0])
def test_dax_truncate(row: tuple[str, int, str]) -> None:
    result = explore("dax_truncate", design=row[0])
    assert (row[0], result.states, signs(result, SIX)) == row
    assert violated(result) <= set(SIX)


def test_the_table_of_the_document() -> None:
    text = (Path(__file__).parents[2] / "docs" / "storage.md").read_text()
    lines = text.partition("<!-- designs -->\n")[2].partition("\n\n")[0].splitlines()[2:]
    said = {"yes": "+", "**no**": "-", "": " "}
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [(r[0].strip("`"), "".join(said[cell] for cell in r[1:])) for r in table] == [
        (name, kept) for name, _, kept in rows(DAX_TRUNCATE)
    ]


@pytest.mark.parametrize("model", ["dax_truncate", "layout_lease", "umount_dma"])
def test_every_design_has_an_answer(model: str) -> None:
    """A design that does not touch the question makes every property of the model not applicable, and says why."""
    for name, entry in DESIGNS.items():
        result = explore(model, design=name)
        mine = [
            p for p in result.properties if p.kind != "reachable" and p.name not in ("assertions", "deadlock_freedom")
        ]
        set_aside = [p for p in mine if p.verdict is Verdict.NOT_APPLICABLE]
        assert all(p.reason for p in set_aside)
        if Question.STORAGE not in entry.questions:
            assert set_aside == mine and mine
            assert set_aside[0].reason == f"{name} has nothing to do with freeing blocks that a device writes to"
        elif model != "layout_lease":
            assert len(mine) - len(set_aside) >= 4


UMOUNT = """
design               states  pin umount loud storage
none                    240  -   +      +    +
odp                    3944      +      +    +
odirect                 346  +   +      +    -
free_anyway            1322  +   +      +    -
wait                   1060  +   +      +    +
truncate_deferred      1006  +   +      +    +
lease                  1300  +   +      +    -
notify_wait            1100  +   +      +    +
lease_exclusive        1300  +   +      +    -
lease_timeout_kill     1094  +   +      +    +
kill                   1060  +   +      +    +
kill_no_drain          1318  +   +      +    -
dummy_page             1606  +   +      +    +
dummy_page_no_drain    1826  +   +      +    -
iommu_abort            1942  +   +      +    +
"""


@pytest.mark.parametrize("row", rows(UMOUNT), ids=lambda row: row[0])
def test_umount_dma(row: tuple[str, int, str]) -> None:
    """The users are killed first. A lease goes with the open file, and the region does not."""
    result = explore("umount_dma", design=row[0])
    promises = ("pin_allowed", "umount_progress", "no_silent_dma_loss", "no_stale_storage_dma")
    assert (row[0], result.states, signs(result, promises)) == row
    assert violated(result) <= set(promises)
    assert result["app_survives"].reason in ("the administrator kills the process", "nothing is pinned")


LAYOUT_LEASE = """
design               states  pin truncate refuse app loud storage
none                    102  -   +        +      +   +    +
odp                     806      +        +      +   +    +
lease                   228  +   -        +      +   +    +
notify_wait             655  +   -        +      +   +    +
lease_exclusive         158  +   +        -      +   +    +
lease_timeout_kill     1036  +   +        +      -   +    +
lease+iommu_abort       674  +   +        +      -   +    +
"""


# ---------------------------------------------------------------- the argument of December 2018


def designs_of(translation: Translation) -> list[str]:
    """All designs about storage with this way of translation, and every two that can be joined."""
    names = [name for name, entry in DESIGNS.items() if Question.STORAGE in entry.questions]
    found = list(names)
    for a, b in itertools.combinations(names, 2):
        try:
            found.append(design(f"{a}+{b}").name)
        except UsageError:
            continue
    return [name for name in found if design(name).translation is translation]


def keeps_all(names: Iterable[str], promises: Iterable[str], **parameters: str) -> set[str]:
    wanted = set(promises)
    return {name for name in names if not wanted & violated(explore("dax_truncate", design=name, **parameters))}


def test_no_design_keeps_everything() -> None:
    """A device that goes by a snapshot, a pin that is not refused, a holder that need not let go, hardware that does not
    survive an aborted DMA: one of the six promises is broken, whatever is done.

    "the only other data-integrity-preserving approach is to block/fail ftruncate/etc. ... the best way we have to cancel that
    is portable to all RDMA hardware is to kill the process(es)" (mm: introduce put_user_page*(), 2018-12-12).
    """
    names = designs_of(Translation.PINNED)
    assert len(names) == 35
    assert keeps_all(names, SIX) == set()
    assert keeps_all(designs_alone(), SIX, call="punch_hole", gup_fast="off") == set()


def designs_alone() -> list[str]:
    return [name for name in designs_of(Translation.PINNED) if "+" not in name]


def test_on_demand_paging_keeps_everything() -> None:
    """ "I think your approach with ODP only is the only one that meets your requirements" """
    names = designs_of(Translation.ODP)
    assert len(names) == 14 and keeps_all(names, SIX) == set(names)
    for call in ("truncate", "punch_hole"):
        result = explore("dax_truncate", design="odp", call=call)
        assert violated(result) == set() and result["pin_allowed"].reason == "nothing is pinned"


@pytest.mark.parametrize(
    "dropped,keepers",
    [
        ("pin_allowed", {"none", "refuse_longterm"}),
        ("truncate_progress", {"wait", "truncate_deferred", "lease", "notify_wait"}),
        ("truncate_not_refused", {"lease_exclusive"}),
        ("app_survives", {"lease_timeout_kill", "kill", "iommu_abort"}),
        ("no_silent_dma_loss", {"dummy_page"}),
        ("no_stale_storage_dma", {"free_anyway"}),
    ],
)
def test_five_of_six_can_be_kept(dropped: str, keepers: set[str]) -> None:
    """No promise is there for nothing: without it there is a design."""
    assert keeps_all(designs_alone(), [name for name in SIX if name != dropped]) == keepers


def test_a_holder_that_lets_go() -> None:
    """Dropping the assumption that the holder need not co-operate."""
    patient = {"wait", "truncate_deferred", "lease", "notify_wait"}
    assert keeps_all(designs_alone(), SIX, user_unpins="eventually") == patient
    assert keeps_all(patient, SIX, user_unpins="when_told") == {"lease", "notify_wait"}


def test_hardware_that_survives_an_aborted_dma() -> None:
    """Dropping the assumption about hardware: "Even the IOMMU idea probably doesn't work, I doubt all current hardware can
    handle a PCI-E error TLP properly." Hardware that ignores the error loses data without a word."""
    aborting = {name for name in designs_of(Translation.PINNED) if "iommu_abort" in name}
    assert len(aborting) == 3 and keeps_all(aborting, SIX, error_tlp="reported") == aborting
    assert given_up("dax_truncate", design="iommu_abort", error_tlp="ignored") == {"no_silent_dma_loss"}


def test_a_pin_that_the_kernel_ends() -> None:
    """Dropping the assumption that a user decides: direct I/O ends by itself, and truncate waits for it."""
    assert keeps_all(["odirect"], SIX) == {"odirect"}


# ---------------------------------------------------------------- named bugs, and their fixes by commit


@pytest.mark.parametrize(
    "fs,before,fixed", [("xfs", "v4.17", "v4.18"), ("ext4", "v4.18", "v4.19")], ids=["5fac7408d828", "430657b6be89"]
)
def test_truncate_under_direct_io(fs: str, before: str, fixed: str) -> None:
    """Short pins: 5fac7408d828 (xfs) and 430657b6be89 (ext4) wait for pages in use."""
    assert given_up("dax_truncate", design="odirect", fs=fs, kernel=before) == {"no_stale_storage_dma"}
    assert given_up("dax_truncate", design="odirect", fs=fs, kernel=fixed) == set()


def test_truncate_frees_storage_under_dma() -> None:
    """A memory region: freed anyway, the block is written to; waited for, truncate may wait for ever."""
    freed = explore("dax_truncate", design="free_anyway")["no_stale_storage_dma"]
    assert freed.trace is not None and (freed.depth, freed.trace.switches) == (13, 2)
    assert freed.trace.schedule == "user*5/truncate*6/hca*2"
    assert given_up("dax_truncate", design="wait") == {"truncate_progress"}


def test_truncate_may_wait_for_ever() -> None:
    """ "you can potentialy wait _forever_ for the driver that holds a pin to drop it": ten steps, then nothing has to happen."""
    trace = explore("dax_truncate", design="wait")["truncate_progress"].trace
    assert trace is not None and trace.schedule == "user*5/truncate*5/()"
    assert "decides to let go: no fairness" in str(trace)


def test_pins_that_come_again() -> None:
    """Short pins that come over and over hold truncate up for ever too: while it sleeps, faults and new pins get in."""
    trace = explore("dax_truncate", design="odirect", io_again="on")["truncate_progress"].trace
    assert trace is not None and "wait for pages in use" in str(trace).partition("loop begins here")[2]
    assert given_up("dax_truncate", design="odirect", io_again="on") == {"truncate_progress"}
    assert given_up("dax_truncate", design="odirect", io_again="on", kernel="v4.17") == {"no_stale_storage_dma"}


def test_the_wait_may_be_interrupted() -> None:
    """TASK_INTERRUPTIBLE of the kernel's wait: truncate fails with -EINTR, which is no refusal. The design's is not."""
    assert given_up("dax_truncate", design="odirect", signal="on") == set()
    assert (
        explore("dax_truncate", design="odirect", signal="on").states > explore("dax_truncate", design="odirect").states
    )
    assert given_up("dax_truncate", design="wait", signal="on") == {"truncate_progress"}


def test_a_lease_that_does_not_bind_its_owner() -> None:
    """The holder truncates its own file. If truncate still looks for pages in use, it waits for its own pin."""
    owner = {"design": "lease_exclusive", "lease_binds_owner": "off"}
    assert given_up("layout_lease", **owner) == {"no_stale_storage_dma", "truncate_not_refused"}
    assert given_up("layout_lease", **owner, lease_replaces_wait="off") == {"truncate_progress", "truncate_not_refused"}
    assert given_up("layout_lease", **owner, holder_truncates="off") == {"truncate_not_refused"}
    assert given_up("layout_lease", design="lease_exclusive") == {"truncate_not_refused"}
    trace = explore("layout_lease", **owner)["no_stale_storage_dma"].trace
    assert trace is not None and "truncate.caller: another -> holder" in str(trace)


def test_a_kill_that_does_not_release() -> None:
    """Another process has the device's file too. Who waits for the pin waits for ever, who does not corrupts."""
    for name in ("kill", "lease_timeout_kill"):
        assert given_up("dax_truncate", design=name) == {"app_survives"}
        assert given_up("dax_truncate", design=name, fd_shared="on") == {"app_survives", "truncate_progress"}
        assert given_up("dax_truncate", design=name, fd_shared="on", user_unpins="eventually") == {"app_survives"}
    no_drain = {"app_survives", "no_stale_storage_dma"}
    assert given_up("dax_truncate", design="kill_no_drain", fd_shared="on") == no_drain
    assert given_up("umount_dma", design="wait") == set()
    assert given_up("umount_dma", design="wait", fd_shared="on") == {"umount_progress"}


def test_umount_under_dma() -> None:
    """0e2f80afcfa6: eviction of a DAX inode waits for pages in use. Before, direct I/O into an unmapped buffer goes on."""
    assert given_up("umount_dma", design="odirect", kernel="v6.14") == {"no_stale_storage_dma"}
    assert given_up("umount_dma", design="odirect", kernel="v6.15") == set()
    for name in ("lease", "lease_exclusive"):
        assert given_up("umount_dma", design=name, kernel="v6.14") == {"no_stale_storage_dma"}
        assert given_up("umount_dma", design=name, kernel="v6.15") == set()


def test_umount_of_users_that_are_not_killed() -> None:
    """A process that has unmapped the file and kept the region holds umount up, or is lost."""
    expected = {
        "wait": {"umount_progress"},
        "notify_wait": {"umount_progress"},
        "kill": {"app_survives"},
        "dummy_page": {"no_silent_dma_loss"},
        "iommu_abort": {"app_survives"},
        "free_anyway": {"no_stale_storage_dma"},
        "odp": set(),
    }
    assert {name: given_up("umount_dma", design=name, kill_users="off") for name in expected} == expected


def test_the_page_cache_is_not_storage() -> None:
    """Pinned pages of the page cache go on as orphans: umount waits for nothing, and DMA harms no block."""
    for name in ("none", "free_anyway", "wait", "kill_no_drain", "dummy_page_no_drain", "odirect"):
        assert given_up("umount_dma", design=name, dax="off") == set()
    assert given_up("umount_dma", dax="off", kernel="v6.4") == set()
    assert given_up("umount_dma", dax="off", kernel="v6.5") == {"pin_allowed"}  # 8ac268436e6d


# ---------------------------------------------------------------- what the steps are for


@pytest.mark.parametrize(
    "rule,name",
    [
        ("drain_before_unpin", "wait"),
        ("truncate_invalidate_lock", "wait"),
        ("truncate_invalidate_lock", "odp"),
        ("dax_unmap_first", "wait"),
        ("dax_unmap_first", "odirect"),
        ("gup_fast_pte_recheck", "wait"),
        ("gup_fast_pte_recheck", "odirect"),
        ("notifier_waits", "odp"),
        ("odp_read_retry", "odp"),
    ],
)
def test_each_protection_matters(rule: str, name: str) -> None:
    """With the rule off, a device writes to storage that is not the file's."""
    with_it = given_up("dax_truncate", design=name)
    without = given_up("dax_truncate", design=name, kernel=f"v5.4+{rule}=off")
    assert "no_stale_storage_dma" not in with_it and without == with_it | {"no_stale_storage_dma"}


def test_an_event_alone_does_not_protect() -> None:
    """Without the kernel's look at pages in use, a region that is registered after the event is not heard of. A lease is
    taken under the inode lock."""
    assert given_up("dax_truncate", design="notify_wait", kernel="v4.17") == {
        "truncate_progress",
        "no_stale_storage_dma",
    }
    assert given_up("dax_truncate", design="lease", kernel="v4.17") == {"truncate_progress"}


@pytest.mark.parametrize("row", rows(LAYOUT_LEASE), ids=lambda row: row[0])
def test_layout_lease(row: tuple[str, int, str]) -> None:
    result = explore("layout_lease", design=row[0])
    assert (row[0], result.states, signs(result, SIX)) == row


def test_two_holders() -> None:
    """ "if the filesystem wants to move blocks around, it has to break both leases" (M. Wilcox, June 2019)."""
    result = explore("layout_lease", holders="2")
    assert result.states == 9187 and violated(result) == {"truncate_progress"}
    assert given_up("layout_lease", holders="2", user_unpins="when_told") == set()
    assert given_up("layout_lease", holders="2", design="lease_exclusive") == {"truncate_not_refused"}
    with pytest.raises(UsageError, match="holders must be 1 or 2, not 3"):
        explore("layout_lease", holders="3")


def test_joined_designs() -> None:
    three = "mkwrite_at_pin+bounce+lease_exclusive"
    assert given_up("layout_lease", design=three) == given_up("layout_lease", design="lease_exclusive")
    for text, message in (
        ("wait+free_anyway", "wait and free_anyway can't hold at once: they differ in what truncate does"),
        ("lease_exclusive+iommu_abort", "truncate fails before iommu_abort acts"),
        ("odp+odirect", "they differ in what the device goes by"),
    ):
        with pytest.raises(UsageError, match=message):
            load("dax_truncate").convert("design", text)


@pytest.mark.parametrize("model", ["dax_truncate", "layout_lease", "umount_dma"])
def test_the_fixed_sibling_keeps_everything(model: str) -> None:
    fixed: dict[str, Any] = importlib.import_module(f"explorer.models.{model}").FIXED
    function = load(model)
    assert violated(check(function())) and not violated(check(function(**fixed)))


# ---------------------------------------------------------------- the same under CPython


@pytest.mark.parametrize(
    "model,parameters",
    [
        ("dax_truncate", {"design": "odp", "call": "punch_hole"}),
        ("dax_truncate", {"design": "lease_timeout_kill", "fd_shared": "on"}),
        ("dax_truncate", {"design": "dummy_page", "signal": "on"}),
        ("dax_truncate", {"design": "iommu_abort", "error_tlp": "ignored"}),
        ("dax_truncate", {"design": "odirect", "signal": "on"}),
        ("dax_truncate", {"design": "truncate_deferred", "call": "punch_hole"}),
        ("layout_lease", {"lease_binds_owner": "off", "design": "lease_exclusive"}),
        ("layout_lease", {"holders": "2", "user_unpins": "when_told"}),
        ("umount_dma", {"design": "kill_no_drain"}),
        ("umount_dma", {"design": "notify_wait", "kill_users": "off"}),
    ],
    ids=str,
)
def test_the_system_is_what_the_coroutines_do(model: str, parameters: dict[str, str]) -> None:
    function = load(model)
    compared = compare(
        function(**{name: function.convert(name, value) for name, value in parameters.items()}), states=60, crossings=20
    )
    assert compared.states == 60
