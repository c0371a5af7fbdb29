"""get_user_pages() and pin_user_pages(): the rules, what each can be, and the commits that changed it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.language.rules import Rules
from explorer.models.linux.history import CANDIDATE, Backport, Commit
from explorer.models.linux.rules.declare import off, on, rule, to


class GupRead(Enum):
    """What get_user_pages() for reading does with a page that is not writable.

    PLAIN: takes it as it is. BREAKS_COW: asks for write access, so that it is copied. UNSHARE: a FOLL_PIN of an
    anonymous page that is not exclusive takes an unshare fault first.
    """

    PLAIN = "plain"
    BREAKS_COW = "breaks_cow"
    UNSHARE = "unshare"


class FollForce(Enum):
    """When a FOLL_FORCE write takes a page whose entry is not writable, after a write fault.

    DROPS_FOLL_WRITE: at the next look-up, which is one for reading (before v4.8.3: Dirty COW). FOLL_COW: the entry is
    dirty. FOLL_COW_UNFORCED: the same, also without FOLL_FORCE. EXCLUSIVE: the page is anonymous and exclusive.
    """

    DROPS_FOLL_WRITE = "drops_foll_write"
    FOLL_COW = "foll_cow"
    FOLL_COW_UNFORCED = "foll_cow_unforced"
    EXCLUSIVE = "exclusive"


GET_BREAKS_COW = Commit(
    "17839856fd58",
    'gup: document and work around "COW can break either way" issue',
    "v5.8-rc1",
    "V",
    (Backport("v5.7.3", "V", lacks="v5.7.2"), Backport("v5.4.y", "R"), Backport("v4.19.y", "R", lacks="v4.19.184")),
    note="get_user_pages() for reading breaks COW; it reached 4.x to 5.4.y stable",
)


NO_ENFORCED_COW = Commit("a308c71bf1e6", "mm/gup: Remove enforced COW mechanism", "v5.9-rc4", "V")


@dataclass(frozen=True, kw_only=True)
class Gup(Rules):
    """What who asks for pages gets."""

    gup_read: GupRead = rule(
        GupRead.PLAIN,
        "what a reading get_user_pages() does with a page that is not writable",
        "gup_must_unshare()",
        to(GupRead.BREAKS_COW, GET_BREAKS_COW),
        to(GupRead.PLAIN, NO_ENFORCED_COW),
        to(
            GupRead.UNSHARE,
            Commit(
                "a7f226604170",
                "mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared anonymous page",
                "v5.19-rc1",
                "V",
            ),
        ),
    )

    longterm_unshare: bool = rule(
        False,
        "a long-term read pin unshares the zero page and pages of private file mappings",
        "gup_must_unshare()",
        on(Commit("84209e87c696", "mm/gup: reliable R/O long-term pinning in COW mappings", "v6.2-rc1", "V")),
    )

    foll_force: FollForce = rule(
        FollForce.FOLL_COW,
        "when a FOLL_FORCE write takes a page whose entry is not writable",
        "can_follow_write_pte()",
        to(FollForce.FOLL_COW_UNFORCED, GET_BREAKS_COW),
        to(FollForce.FOLL_COW, NO_ENFORCED_COW),
        to(
            FollForce.EXCLUSIVE,
            Commit(
                "5535be309971",
                "mm/gup: fix FOLL_FORCE COW security issue and remove FOLL_COW",
                "v6.0-rc3",
                "Vx",
                (Backport("v5.19.6", "V", lacks="v5.19.5"),),
                between=("v5.19", "v6.0"),
                note=CANDIDATE,
            ),
        ),
    )

    foll_pin: bool = rule(
        False,
        "pin_user_pages() exists; before it, a driver's reference for DMA is the FOLL_GET it took",
        "pin_user_pages()",
        on(Commit("eddb1c228f79", "mm/gup: introduce pin_user_pages*() and FOLL_PIN", "v5.6-rc1", "V")),
    )

    foll_pin_counted: bool = rule(
        False,
        "a FOLL_PIN adds 1024 to the refcount and can be told from FOLL_GET",
        "page_maybe_dma_pinned()",
        on(Commit("3faa52c03f44", "mm/gup: track FOLL_PIN pages", "v5.7-rc1", "V")),
    )

    pin_zero_page: bool = rule(
        True,
        "pin_user_pages() and direct I/O count their references on the zero page",
        "try_grab_page()",
        off(Commit("c8070b787519", "mm: Don't pin ZERO_PAGE in pin_user_pages()", "v6.5-rc1", "V", place=3)),
        unread="models count no references on the zero page, and nothing decides by them",
    )

    gup_fast_barriers: bool = rule(
        False,
        "GUP-fast sees PG_anon_exclusive cleared if it does not see the entry changed; off: it may read a stale mark",
        "gup_must_unshare()",
        on(
            Commit(
                "088b8aa537c2",
                "mm: fix PageAnonExclusive clearing racing with concurrent RCU GUP-fast",
                "v6.1-rc1",
                "V",
            )
        ),
    )

    refuse_longterm: bool = rule(
        False,
        "a long-term write pin of a file mapping that needs dirty tracking fails with -EFAULT",
        "check_vma_flags()",
        on(
            Commit(
                "8ac268436e6d",
                "mm/gup: disallow FOLL_LONGTERM GUP-nonfast writing to file-backed mappings",
                "v6.5-rc1",
                "V",
                place=1,
            )
        ),
    )

    folio_fast_pin_allowed: bool = rule(
        False,
        "GUP-fast leaves such a pin to the slow path, which refuses it",
        "folio_fast_pin_allowed()",
        on(
            Commit(
                "a6e79df92e4a",
                "mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings",
                "v6.5-rc1",
                "V",
                place=2,
            )
        ),
    )

    gup_fast_needs_mapping: bool = rule(
        False,
        "GUP-fast leaves a page without a mapping to the slow path",
        "gup_fast_folio_allowed()",
        on(
            Commit(
                "f002882ca369",
                "mm: merge folio_is_secretmem() and folio_fast_pin_allowed() into gup_fast_folio_allowed()",
                "v6.10-rc1",
                "V",
            )
        ),
    )
