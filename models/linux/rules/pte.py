"""Swap, KSM, write protection, TLB flushes: the rules, what each can be, and the commits that changed it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.language.rules import Rules
from explorer.models.linux.history import CANDIDATE, Backport, Commit
from explorer.models.linux.rules.cow import REMEMBER_EXCLUSIVE
from explorer.models.linux.rules.declare import off, on, rule, to


class DeferFlush(Enum):
    """Of which pages swap-out may put off the TLB flush. SHARED: of those that are not exclusive."""

    ANY = "any"
    SHARED = "shared"


@dataclass(frozen=True, kw_only=True)
class Pte(Rules):
    """What changes entries, and when TLBs hear of it."""

    swap_skips_pinned: bool = rule(
        False,
        "swap-out leaves a page alone that may be pinned",
        "shrink_page_list()",
        on(
            Commit(
                "feb889fb40fa",
                "mm: don't put pinned pages into the swap cache",
                "v5.11-rc4",
                "V",
                (Backport("v5.10.10", "R", lacks="v5.10.7"),),
                note="which stable release got it is recalled",
                place=1,
            )
        ),
    )

    try_share_anon_rmap: bool = rule(
        False,
        "swap-out, migration and KSM put the entry of an exclusive page back if it may be pinned",
        "page_try_share_anon_rmap()",
        on(REMEMBER_EXCLUSIVE),
    )

    defer_flush: DeferFlush = rule(
        DeferFlush.ANY,
        "of which pages swap-out may put off the TLB flush",
        "should_defer_flush()",
        to(DeferFlush.SHARED, REMEMBER_EXCLUSIVE),
        to(
            DeferFlush.ANY,
            Commit(
                "088b8aa537c2",
                "mm: fix PageAnonExclusive clearing racing with concurrent RCU GUP-fast",
                "v6.1-rc1",
                "R",
                between=("v5.19", "v6.8"),
                note="that swap-out puts the flush off again with this commit is recalled",
            ),
        ),
    )

    clear_refs_skips_pinned: bool = rule(
        False,
        "clear_refs does not write-protect a page that may be pinned",
        "clear_soft_dirty()",
        on(
            Commit(
                "9348b73c2e1b",
                "mm: don't play games with pinned pages in clear_page_refs",
                "v5.11-rc4",
                "V",
                (Backport("v5.10.10", "R", lacks="v5.10.7"),),
                note="which stable release got it is recalled",
            )
        ),
    )

    clear_refs_write_lock: bool = rule(
        False,
        "clear_refs holds mmap_lock for write and flushes TLBs before it unlocks",
        "clear_refs_write()",
        on(
            Commit(
                "29a951dfb3c3",
                "mm: fix clear_refs_write locking",
                "v5.11-rc4",
                "V",
                (Backport("v5.10.10", "R", lacks="v5.10.7"),),
                note="which stable release got it is recalled",
                place=2,
            )
        ),
    )

    clear_refs_flush: bool = rule(
        True,
        "clear_refs flushes TLBs; off: only where somebody else has put a flush off",
        "clear_refs_write()",
        off(
            Commit(
                "0758cd830494",
                "asm-generic/tlb: avoid potential double flush",
                "v5.6-rc1",
                "R",
                between=("v4.19", "v5.10"),
                note="clear_refs does not flush TLBs from then on; its release is recalled",
                place=2,
            )
        ),
        on(
            Commit(
                "912efa17e512",
                "mm: proc: Invalidate TLB after clearing soft-dirty page state",
                "v5.12-rc1",
                "R",
                (Backport("v5.11.3", "R"), Backport("v5.10.20", "R")),
                between=("v5.11", "v5.17"),
                note="clear_refs flushes TLBs again; its releases are recalled",
            )
        ),
    )

    mprotect_restores_write: bool = rule(
        False,
        "mprotect() to writable makes entries of exclusive pages writable",
        "can_change_pte_writable()",
        on(
            Commit(
                "64fe24a3e05e",
                "mm/mprotect: try avoiding write faults for exclusive anonymous pages when changing protection",
                "v6.0-rc1",
                "V",
            )
        ),
    )

    mremap_flush: bool = rule(
        False,
        "mremap() flushes TLBs before it releases the page table lock",
        "move_ptes()",
        on(
            Commit(
                "eb66ae030829",
                "mremap: properly flush TLB before releasing the page",
                "v4.19-rc8",
                "V",
                (Backport("v4.18.16", "V", lacks="v4.18.15"),),
                between=("v4.18", "v4.19"),
                note=CANDIDATE,
            )
        ),
    )

    migrate_flush: bool = rule(
        False,
        "migration to a device flushes TLBs before it releases the page table lock",
        "migrate_vma_collect_pmd()",
        on(
            Commit(
                "60bae7370896",
                "mm/migrate_device.c: flush TLB while holding PTL",
                "v6.0",
                "V",
                between=("v5.19", "v6.8"),
            )
        ),
    )

    uffd_continue_dirty: bool = rule(
        False,
        "UFFDIO_CONTINUE makes the entry dirty also where it is read-only",
        "mfill_atomic_install_pte()",
        on(
            Commit(
                "9ae0f87d009c", "mm/shmem: unconditionally set pte dirty in mfill_atomic_install_pte", "v5.16-rc1", "V"
            )
        ),
    )

    madv_pageout: bool = rule(
        False,
        "madvise() knows MADV_PAGEOUT",
        "madvise_behavior_valid()",
        on(Commit("1a4e58cce84e", "mm: introduce MADV_PAGEOUT", "v5.4-rc1", "V")),
    )

    uffd_wp: bool = rule(
        False,
        "userfaultfd can write-protect pages",
        "mwriteprotect_range()",
        on(Commit("63b2d4174c4a", "userfaultfd: wp: add the writeprotect API to userfaultfd ioctl", "v5.7-rc1", "V")),
    )

    uffd_wp_flush: bool = rule(
        False,
        "a write fault flushes the TLB if userfaultfd has put a flush off",
        "do_wp_page()",
        on(Commit("6ce64428d620", "mm/userfaultfd: fix memory corruption due to writeprotect", "v5.12-rc3", "V")),
    )
