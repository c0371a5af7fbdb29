"""Fork and copy-on-write: the rules, what each can be, and the commits that changed it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.language.rules import Rules
from explorer.models.linux.history import CANDIDATE, Backport, Commit
from explorer.models.linux.rules.declare import off, on, rule, to


class Fork(Enum):
    """What fork does with a private anonymous page.

    PLAIN: share it and write-protect both entries, pinned or not. EARLY_COPY: copy a page that may be pinned, share any
    other. EXCLUSIVE: the same test, asked only of pages marked exclusive. Sharing clears the mark in every kernel
    that has it. VM_NOCOW: the child gets no entry for a page that may be pinned, and an access is fatal (M. Wilcox 2023,
    L. Torvalds 2020; never merged).
    """

    PLAIN = "plain"
    EARLY_COPY = "early_copy"
    EXCLUSIVE = "exclusive"
    VM_NOCOW = "vm_nocow"


class Reuse(Enum):
    """When do_wp_page() makes the page writable in place instead of copying it.

    MAPCOUNT: mapped once; references are not looked at. PAGE_COUNT: the mapping's is the only reference.
    PAGE_COUNT_SWAPCACHE: the same after the swap cache's reference is dropped. EXCLUSIVE: the page is marked exclusive,
    or has no other reference. MAPCOUNT_UNSHARE: as MAPCOUNT, and a read pin of a page mapped twice copies it first
    (Arcangeli's proposal, never merged).
    """

    MAPCOUNT = "mapcount"
    PAGE_COUNT = "page_count"
    PAGE_COUNT_SWAPCACHE = "page_count_swapcache"
    EXCLUSIVE = "exclusive"
    MAPCOUNT_UNSHARE = "mapcount_unshare"


class SwapIn(Enum):
    """When a write fault on a swap entry maps the page of the swap cache writable at once.

    MAPCOUNT: reuse_swap_page(): mappings and swap entries are one together. PAGE_COUNT: no other reference, after the
    swap cache's is dropped. EXCLUSIVE: the swap entry carries the mark of an exclusive page, or no other reference.
    """

    MAPCOUNT = "mapcount"
    PAGE_COUNT = "page_count"
    EXCLUSIVE = "exclusive"


REMEMBER_EXCLUSIVE = Commit(
    "6c287605fd56", "mm: remember exclusively mapped anonymous pages with PG_anon_exclusive", "v5.19-rc1", "V"
)


@dataclass(frozen=True, kw_only=True)
class Cow(Rules):
    """How fork and do_wp_page() treat a page."""

    fork: Fork = rule(
        Fork.PLAIN,
        "what fork does with a private anonymous page that may be pinned",
        "copy_present_pte()",
        to(
            Fork.EARLY_COPY,
            Commit(
                "70e806e4e645",
                "mm: Do early cow for pinned pages during fork() for ptes",
                "v5.9-rc8",
                "R",
                between=("v5.9-rc7", "v5.9"),
                note=CANDIDATE,
                place=1,
            ),
        ),
        to(Fork.EXCLUSIVE, REMEMBER_EXCLUSIVE),
    )

    has_pinned: bool = rule(
        False,
        "fork copies a page early only for an mm that has ever pinned pages",
        "page_needs_cow_for_dma()",
        on(
            Commit(
                "008cfe4418b3",
                "mm: Introduce mm_struct.has_pinned",
                "v5.9-rc8",
                "R",
                between=("v5.9-rc7", "v5.9"),
                note=CANDIDATE,
            )
        ),
    )

    write_protect_seq: bool = rule(
        False,
        "GUP-fast of FOLL_PIN gives up if fork was write-protecting meanwhile",
        "internal_get_user_pages_fast()",
        on(
            Commit(
                "57efa1fe5957",
                "mm/gup: prevent gup_fast from racing with COW during fork",
                "v5.11-rc1",
                "V",
                (Backport("v5.10.7", "V"),),
            )
        ),
    )

    reuse: Reuse = rule(
        Reuse.MAPCOUNT,
        "when do_wp_page() makes a page writable in place instead of copying it",
        "do_wp_page()",
        to(Reuse.PAGE_COUNT, Commit("09854ba94c6a", "mm: do_wp_page() simplification", "v5.9-rc4", "V")),
        to(
            Reuse.PAGE_COUNT_SWAPCACHE,
            Commit("53a05ad9f21d", "mm: optimize do_wp_page() for exclusive pages in the swapcache", "v5.18-rc1", "Vx"),
        ),
        to(Reuse.EXCLUSIVE, REMEMBER_EXCLUSIVE),
    )

    reuse_ksm_page: bool = rule(
        False,
        "do_wp_page() makes a KSM page writable in place if nobody else has it",
        "reuse_ksm_page()",
        on(
            Commit(
                "52d1e606ee73",
                "mm: reuse only-pte-mapped KSM page in do_wp_page()",
                "v5.1-rc1",
                "R",
                between=("v4.19", "v5.4"),
            )
        ),
        off(Commit("1a0cf26323c8", "mm/ksm: Remove reuse_ksm_page()", "v5.9-rc4", "V")),
    )

    swap_in: SwapIn = rule(
        SwapIn.MAPCOUNT,
        "when a write fault on a swap entry maps the page writable at once",
        "do_swap_page()",
        to(SwapIn.PAGE_COUNT, Commit("c145e0b47c77", "mm: streamline COW logic in do_swap_page()", "v5.18-rc1", "V")),
        to(
            SwapIn.EXCLUSIVE,
            Commit("1493a1913e34", "mm/swap: remember PG_anon_exclusive via a swp pte bit", "v5.19-rc1", "V"),
        ),
    )

    unshare_any: bool = rule(
        False,
        "an unshare fault copies also the zero page and pages of private file mappings",
        "do_wp_page()",
        on(
            Commit(
                "8d6a0ac09a16", "mm: extend FAULT_FLAG_UNSHARE support to anything in a COW mapping", "v6.2-rc1", "V"
            )
        ),
    )

    per_vma_locks: bool = rule(
        False,
        "a page fault takes the lock of its VMA, not mmap_lock",
        "lock_vma_under_rcu()",
        on(Commit("0bff0aaea03e", "x86/mm: try VMA lock-based page fault handling first", "v6.4-rc1", "V")),
    )

    vma_start_write: bool = rule(
        False,
        "fork locks each VMA of the parent against faults under per-VMA locks",
        "dup_mmap()",
        on(
            Commit(
                "fb49c455323f",
                "fork: lock VMAs of the parent process when forking",
                "v6.5-rc1",
                "V",
                (Backport("v6.4.3", "V", lacks="v6.4.2"),),
            )
        ),
    )
