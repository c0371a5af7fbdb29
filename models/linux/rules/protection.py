"""Protecting steps of every kernel, and what was never merged: rules that no commit changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.language.rules import Rules
from explorer.models.linux.rules.declare import always


class Release(Enum):
    """How a driver releases a page that it has as FOLL_PIN. PUT_PAGE: as if it were FOLL_GET, a driver's bug."""

    UNPIN = "unpin"
    PUT_PAGE = "put_page"


@dataclass(frozen=True, kw_only=True)
class Protection(Rules):
    """A step that every kernel has; off, or another value, leaves it out or puts it elsewhere. No commit changed one."""

    gup_fast_try_get: bool = always(True, "GUP-fast takes no page whose refcount is 0", "try_grab_page()")

    gup_fast_pte_recheck: bool = always(
        True, "GUP-fast reads the entry again after it has taken the page", "gup_pte_range()"
    )

    gup_fast_pins_first: bool = always(
        True, "GUP-fast sets has_pinned before it walks; off: when it is done", "internal_get_user_pages_fast()"
    )

    gup_fast_refuses_odd: bool = always(
        True, "GUP-fast does not begin while write_protect_seq is odd", "lockless_pages_from_mm()"
    )

    gup_fast_seq_recheck: bool = always(
        True, "GUP-fast reads write_protect_seq again at its end", "lockless_pages_from_mm()"
    )

    refuse_longterm_dax: bool = always(
        True, "a long-term pin of a DAX file mapping fails with -EOPNOTSUPP", "check_vma_flags()"
    )

    wp_copy_pte_same: bool = always(
        True, "wp_page_copy() gives up if the entry changed while it copied", "wp_page_copy()"
    )

    wp_copy_flush_first: bool = always(
        True, "wp_page_copy() clears and flushes before it sets the new entry", "wp_page_copy()"
    )

    wp_copy_unmap_last: bool = always(
        True, "wp_page_copy() drops the old page's mapcount only after the new entry is set", "wp_page_copy()"
    )

    fork_flush: bool = always(True, "fork flushes the parent's TLBs before it unlocks", "dup_mmap()")

    flush_pending: bool = always(
        True, "an inaccessible entry counts as accessible while a flush is pending (20841405940e)", "pte_accessible()"
    )

    flush_nested: bool = always(
        True,
        "MADV_DONTNEED flushes also where it found nothing, while somebody else has put a flush off (99baac21e458)",
        "tlb_finish_mmu()",
    )

    flush_batched_pending: bool = always(
        True,
        "mprotect(), mremap() and zapping first flush what reclaim has unmapped and not flushed (3ea277194daa)",
        "flush_tlb_batched_pending()",
    )

    unmap_before_pin_check: bool = always(
        True, "an entry is cleared before the page is looked at for pins and references", "try_to_unmap_one()"
    )

    reclaim_refcount_check: bool = always(
        True, "reclaim frees no page with references it does not know", "__remove_mapping()"
    )

    migrate_refcount_check: bool = always(
        True, "migration gives up on a page with references it does not know", "folio_migrate_mapping()"
    )

    ksm_refcount_check: bool = always(
        True, "KSM merges no page with references it does not know", "write_protect_page()"
    )

    ksm_pte_same: bool = always(True, "KSM replaces a page only if its entry has not changed", "replace_page()")

    unpin_after_dirty: bool = always(
        True, "a page is marked dirty before it is unpinned", "unpin_user_pages_dirty_lock()"
    )

    drain_before_unpin: bool = always(True, "a driver unpins only when its device is quiet", "__ib_umem_release()")

    release: Release = always(
        Release.UNPIN, "how a driver releases a page that it has as FOLL_PIN", "unpin_user_page()"
    )

    pin_false_positive: bool = always(
        False, "on: a page with many other references may be taken for pinned", "page_maybe_dma_pinned()"
    )

    notifier_before_change: bool = always(
        True,
        "mmu notifiers are called before the entry changes, and end after it",
        "mmu_notifier_invalidate_range_start()",
    )

    notifier_waits: bool = always(
        True, "an mmu notifier returns only when the device has stopped using the range", "mlx5_ib_invalidate_range()"
    )

    odp_dirty: bool = always(
        True, "ODP marks a page dirty when it takes a writable translation away", "ib_umem_odp_unmap_dma_pages()"
    )

    odp_read_retry: bool = always(
        True, "a device page fault starts again if the range was invalidated meanwhile", "mmu_interval_read_retry()"
    )

    secondary_tlb_flush: bool = always(
        True,
        "device TLBs are flushed between clearing an entry and setting one to another page",
        "ptep_clear_flush_notify()",
    )

    mkwrite_mapping_check: bool = always(
        True, "->page_mkwrite() gives up if the page left the file while it took the page lock", "block_page_mkwrite()"
    )

    mkwrite_wait_stable: bool = always(
        True, "->page_mkwrite() waits for writeback where the mapping needs stable pages", "folio_wait_stable()"
    )

    mkclean_wrprotect: bool = always(
        True, "writeback write-protects all entries of a page before it clears the dirty bit", "page_mkclean()"
    )

    mkclean_keeps_dirty: bool = always(
        True, "what a cleaned entry says of dirtiness goes to the page", "folio_clear_dirty_for_io()"
    )

    zap_keeps_dirty: bool = always(True, "what a removed entry says of dirtiness goes to the page", "zap_pte_range()")

    dio_dirty_first: bool = always(
        True, "a direct read marks its pages dirty before it submits the I/O", "bio_set_pages_dirty()"
    )

    dio_dirty_again: bool = always(
        True, "a direct read marks pages dirty again that were cleaned while it ran", "bio_check_pages_dirty()"
    )

    dirty_lock: bool = always(True, "a driver holds the page lock while it marks a page dirty", "set_page_dirty_lock()")

    dirty_mapping_check: bool = always(
        True,
        'a page that left its file is not marked dirty there ("Race with truncate?")',
        "__set_page_dirty_buffers()",
    )

    truncate_invalidate_lock: bool = always(
        True, "truncate keeps page faults out until the blocks are free", "filemap_invalidate_lock()"
    )

    dax_unmap_first: bool = always(
        True, "truncate on DAX unmaps the range before it looks for pages in use", "dax_layout_busy_page_range()"
    )


@dataclass(frozen=True, kw_only=True)
class Unmerged(Rules):
    """What was never in a release."""

    fork_wrprotect_first: bool = always(
        False,
        "fork write-protects before it looks for pins, and undoes it for a pinned page (70e806e4e645, until f3c64eda3e50)",
        "copy_present_pte()",
    )
