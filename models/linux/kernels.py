"""Kernels: which rules a kernel version obeys, and how a version is written.

A `Kernel` is a frozen record of rules. A version is a point in their space: v4.15, and every change of `history.COMMITS`
that was merged by then. What a version owes to recalled facts is said by `Kernel.assumptions_of`, of the rules that a
model reads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from explorer.errors import UsageError
from explorer.language.rules import Open, Rules, peek_all
from explorer.models.linux.history import COMMITS, LAST_READ, changing, nearest, parse_version

T = TypeVar("T")


class Area(Enum):
    """What a rule is about. The first three are steps on anonymous pages, unless a model of files reads them."""

    COW = "fork and copy-on-write"
    GUP = "get_user_pages() and pin_user_pages()"
    PTE = "swap, KSM, write protection, TLB flushes"
    DRIVER = "what drivers and direct I/O ask for"
    FILE = "files, writeback, DAX"
    PROTECTION = "protecting steps of every kernel: off leaves the step out"
    UNMERGED = "never in a release"


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


class DeferFlush(Enum):
    """Of which pages swap-out may put off the TLB flush. SHARED: of those that are not exclusive."""

    ANY = "any"
    SHARED = "shared"


class Reference(Enum):
    """The reference that direct I/O takes on the pages of user memory: FOLL_GET or FOLL_PIN."""

    GET = "get"
    PIN = "pin"


class Ext4NoBuffers(Enum):
    """What ext4 does in writeback with a dirty page that has no buffers. WARN: warns, and drops the write."""

    BUG = "bug"
    WARN = "warn"


class StableWrites(Enum):
    """What a wish for stable pages is a property of: the backing device, the superblock, or the mapping."""

    DEVICE = "device"
    SUPERBLOCK = "superblock"
    MAPPING = "mapping"


class IdleCount(Enum):
    """The refcount of a DAX page that nobody uses."""

    ONE = "one"
    ZERO = "zero"


class Release(Enum):
    """How a driver releases a page that it has as FOLL_PIN. PUT_PAGE: as if it were FOLL_GET, a driver's bug."""

    UNPIN = "unpin"
    PUT_PAGE = "put_page"


def rule(area: Area, default: T, sentence: str, *, at: str = "", unread: str = "") -> T:
    """A rule: its value in v4.15, what it says, and the kernel function it is a part of. `unread`: why no model reads it."""
    made: Any = field(default=default, metadata={"area": area, "sentence": sentence, "at": at, "unread": unread})
    return made  # type: ignore[no-any-return]


@dataclass(frozen=True, kw_only=True)
class Kernel(Rules):
    """The rules of a kernel. `RULES` says of each what it means and which commits changed it.

    `version`: the version text it started from, without changed rules.
    """

    version: str

    # ---------------------------------------------------------------- fork and copy-on-write

    fork: Fork = rule(
        Area.COW, Fork.PLAIN, "what fork does with a private anonymous page that may be pinned", at="copy_present_pte()"
    )
    has_pinned: bool = rule(
        Area.COW,
        False,
        "fork copies a page early only for an mm that has ever pinned pages",
        at="page_needs_cow_for_dma()",
    )
    write_protect_seq: bool = rule(
        Area.COW,
        False,
        "GUP-fast of FOLL_PIN gives up if fork was write-protecting meanwhile",
        at="internal_get_user_pages_fast()",
    )
    reuse: Reuse = rule(
        Area.COW,
        Reuse.MAPCOUNT,
        "when do_wp_page() makes a page writable in place instead of copying it",
        at="do_wp_page()",
    )
    reuse_ksm_page: bool = rule(
        Area.COW, False, "do_wp_page() makes a KSM page writable in place if nobody else has it", at="reuse_ksm_page()"
    )
    swap_in: SwapIn = rule(
        Area.COW,
        SwapIn.MAPCOUNT,
        "when a write fault on a swap entry maps the page writable at once",
        at="do_swap_page()",
    )
    unshare_any: bool = rule(
        Area.COW,
        False,
        "an unshare fault copies also the zero page and pages of private file mappings",
        at="do_wp_page()",
    )
    per_vma_locks: bool = rule(
        Area.COW, False, "a page fault takes the lock of its VMA, not mmap_lock", at="lock_vma_under_rcu()"
    )
    vma_start_write: bool = rule(
        Area.COW, False, "fork locks each VMA of the parent against faults under per-VMA locks", at="dup_mmap()"
    )

    # ---------------------------------------------------------------- get_user_pages() and pin_user_pages()

    gup_read: GupRead = rule(
        Area.GUP,
        GupRead.PLAIN,
        "what a reading get_user_pages() does with a page that is not writable",
        at="gup_must_unshare()",
    )
    longterm_unshare: bool = rule(
        Area.GUP,
        False,
        "a long-term read pin unshares the zero page and pages of private file mappings",
        at="gup_must_unshare()",
    )
    foll_force: FollForce = rule(
        Area.GUP,
        FollForce.FOLL_COW,
        "when a FOLL_FORCE write takes a page whose entry is not writable",
        at="can_follow_write_pte()",
    )
    foll_pin: bool = rule(
        Area.GUP,
        False,
        "pin_user_pages() exists; before it, a driver's reference for DMA is the FOLL_GET it took",
        at="pin_user_pages()",
    )
    foll_pin_counted: bool = rule(
        Area.GUP,
        False,
        "a FOLL_PIN adds 1024 to the refcount and can be told from FOLL_GET",
        at="page_maybe_dma_pinned()",
    )
    pin_zero_page: bool = rule(
        Area.GUP,
        True,
        "pin_user_pages() and direct I/O count their references on the zero page",
        at="try_grab_page()",
        unread="models count no references on the zero page, and nothing decides by them",
    )
    gup_fast_barriers: bool = rule(
        Area.GUP,
        False,
        "GUP-fast sees PG_anon_exclusive cleared if it does not see the entry changed; off: it may read a stale mark",
        at="gup_must_unshare()",
    )
    refuse_longterm: bool = rule(
        Area.GUP,
        False,
        "a long-term write pin of a file mapping that needs dirty tracking fails with -EFAULT",
        at="check_vma_flags()",
    )
    folio_fast_pin_allowed: bool = rule(
        Area.GUP, False, "GUP-fast leaves such a pin to the slow path, which refuses it", at="folio_fast_pin_allowed()"
    )
    gup_fast_needs_mapping: bool = rule(
        Area.GUP, False, "GUP-fast leaves a page without a mapping to the slow path", at="gup_fast_folio_allowed()"
    )

    # ---------------------------------------------------------------- swap, KSM, write protection, TLB flushes

    swap_skips_pinned: bool = rule(
        Area.PTE, False, "swap-out leaves a page alone that may be pinned", at="shrink_page_list()"
    )
    try_share_anon_rmap: bool = rule(
        Area.PTE,
        False,
        "swap-out, migration and KSM put the entry of an exclusive page back if it may be pinned",
        at="page_try_share_anon_rmap()",
    )
    defer_flush: DeferFlush = rule(
        Area.PTE, DeferFlush.ANY, "of which pages swap-out may put off the TLB flush", at="should_defer_flush()"
    )
    clear_refs_skips_pinned: bool = rule(
        Area.PTE, False, "clear_refs does not write-protect a page that may be pinned", at="clear_soft_dirty()"
    )
    clear_refs_write_lock: bool = rule(
        Area.PTE,
        False,
        "clear_refs holds mmap_lock for write and flushes TLBs before it unlocks",
        at="clear_refs_write()",
    )
    clear_refs_flush: bool = rule(
        Area.PTE,
        True,
        "clear_refs flushes TLBs; off: only where somebody else has put a flush off",
        at="clear_refs_write()",
    )
    mprotect_restores_write: bool = rule(
        Area.PTE,
        False,
        "mprotect() to writable makes entries of exclusive pages writable",
        at="can_change_pte_writable()",
    )
    mremap_flush: bool = rule(
        Area.PTE, False, "mremap() flushes TLBs before it releases the page table lock", at="move_ptes()"
    )
    migrate_flush: bool = rule(
        Area.PTE,
        False,
        "migration to a device flushes TLBs before it releases the page table lock",
        at="migrate_vma_collect_pmd()",
    )
    uffd_continue_dirty: bool = rule(
        Area.PTE,
        False,
        "UFFDIO_CONTINUE makes the entry dirty also where it is read-only",
        at="mfill_atomic_install_pte()",
    )
    madv_pageout: bool = rule(Area.PTE, False, "madvise() knows MADV_PAGEOUT", at="madvise_behavior_valid()")
    uffd_wp: bool = rule(Area.PTE, False, "userfaultfd can write-protect pages", at="mwriteprotect_range()")
    uffd_wp_flush: bool = rule(
        Area.PTE, False, "a write fault flushes the TLB if userfaultfd has put a flush off", at="do_wp_page()"
    )

    # ---------------------------------------------------------------- drivers and direct I/O

    umem_gup_fast: bool = rule(Area.DRIVER, False, "RDMA registration tries GUP-fast first", at="ib_umem_get()")
    umem_force: bool = rule(
        Area.DRIVER,
        True,
        "RDMA registration of read-only memory asks for FOLL_WRITE with FOLL_FORCE, so that COW is broken",
        at="ib_umem_get()",
    )
    copy_on_fork: bool = rule(
        Area.DRIVER,
        False,
        "RDMA user space learns that fork copies pinned pages, and leaves MADV_DONTFORK out",
        at="nldev_sys_get_doit()",
    )
    block_dio: Reference = rule(
        Area.DRIVER, Reference.GET, "what direct I/O of block devices and iomap takes", at="bio_iov_iter_get_pages()"
    )
    fuse_dio: Reference = rule(Area.DRIVER, Reference.GET, "what direct I/O of FUSE takes", at="fuse_get_user_pages()")

    # ---------------------------------------------------------------- files, writeback, DAX

    ext4_no_buffers: Ext4NoBuffers = rule(
        Area.FILE,
        Ext4NoBuffers.BUG,
        "what ext4 does in writeback with a dirty page without buffers",
        at="mpage_prepare_extent_to_map()",
    )
    reclaim_keeps_buffers: bool = rule(
        Area.FILE, False, "reclaim leaves the buffers of a page that may be pinned", at="shrink_folio_list()"
    )
    stable_writes: StableWrites = rule(
        Area.FILE,
        StableWrites.DEVICE,
        "what a wish for stable pages is a property of",
        at="folio_wait_stable()",
        unread="models have one mapping on one device, which wants stable pages or not",
    )
    xfs_break_layouts: bool = rule(
        Area.FILE, False, "truncate on XFS waits until no DAX page of the range is in use", at="xfs_break_layouts()"
    )
    ext4_break_layouts: bool = rule(
        Area.FILE, False, "truncate on ext4 waits until no DAX page of the range is in use", at="ext4_break_layouts()"
    )
    dax_idle_refcount: IdleCount = rule(
        Area.FILE, IdleCount.ONE, "the refcount of a DAX page that nobody uses", at="dax_layout_busy_page_range()"
    )
    dax_break_layout_final: bool = rule(
        Area.FILE,
        False,
        "eviction of a DAX inode, as at umount, waits until none of its pages is in use",
        at="dax_break_layout_final()",
    )

    # ---------------------------------------------------------------- protections: GUP

    gup_fast_try_get: bool = rule(
        Area.PROTECTION, True, "GUP-fast takes no page whose refcount is 0", at="try_grab_page()"
    )
    gup_fast_pte_recheck: bool = rule(
        Area.PROTECTION, True, "GUP-fast reads the entry again after it has taken the page", at="gup_pte_range()"
    )
    gup_fast_pins_first: bool = rule(
        Area.PROTECTION,
        True,
        "GUP-fast sets has_pinned before it walks; off: when it is done",
        at="internal_get_user_pages_fast()",
    )
    gup_fast_refuses_odd: bool = rule(
        Area.PROTECTION, True, "GUP-fast does not begin while write_protect_seq is odd", at="lockless_pages_from_mm()"
    )
    gup_fast_seq_recheck: bool = rule(
        Area.PROTECTION, True, "GUP-fast reads write_protect_seq again at its end", at="lockless_pages_from_mm()"
    )
    refuse_longterm_dax: bool = rule(
        Area.PROTECTION, True, "a long-term pin of a DAX file mapping fails with -EOPNOTSUPP", at="check_vma_flags()"
    )

    # ---------------------------------------------------------------- protections: faults, fork, TLBs

    wp_copy_pte_same: bool = rule(
        Area.PROTECTION, True, "wp_page_copy() gives up if the entry changed while it copied", at="wp_page_copy()"
    )
    wp_copy_flush_first: bool = rule(
        Area.PROTECTION, True, "wp_page_copy() clears and flushes before it sets the new entry", at="wp_page_copy()"
    )
    wp_copy_unmap_last: bool = rule(
        Area.PROTECTION,
        True,
        "wp_page_copy() drops the old page's mapcount only after the new entry is set",
        at="wp_page_copy()",
    )
    fork_flush: bool = rule(Area.PROTECTION, True, "fork flushes the parent's TLBs before it unlocks", at="dup_mmap()")
    flush_pending: bool = rule(
        Area.PROTECTION,
        True,
        "an inaccessible entry counts as accessible while a flush is pending (20841405940e)",
        at="pte_accessible()",
    )

    flush_nested: bool = rule(
        Area.PROTECTION,
        True,
        "MADV_DONTNEED flushes also where it found nothing, while somebody else has put a flush off (99baac21e458)",
        at="tlb_finish_mmu()",
    )
    flush_batched_pending: bool = rule(
        Area.PROTECTION,
        True,
        "mprotect(), mremap() and zapping first flush what reclaim has unmapped and not flushed (3ea277194daa)",
        at="flush_tlb_batched_pending()",
    )

    # ---------------------------------------------------------------- protections: swap-out, KSM, migration

    unmap_before_pin_check: bool = rule(
        Area.PROTECTION,
        True,
        "an entry is cleared before the page is looked at for pins and references",
        at="try_to_unmap_one()",
    )
    reclaim_refcount_check: bool = rule(
        Area.PROTECTION, True, "reclaim frees no page with references it does not know", at="__remove_mapping()"
    )
    migrate_refcount_check: bool = rule(
        Area.PROTECTION,
        True,
        "migration gives up on a page with references it does not know",
        at="folio_migrate_mapping()",
    )
    ksm_refcount_check: bool = rule(
        Area.PROTECTION, True, "KSM merges no page with references it does not know", at="write_protect_page()"
    )
    ksm_pte_same: bool = rule(
        Area.PROTECTION, True, "KSM replaces a page only if its entry has not changed", at="replace_page()"
    )

    # ---------------------------------------------------------------- protections: drivers and devices

    unpin_after_dirty: bool = rule(
        Area.PROTECTION, True, "a page is marked dirty before it is unpinned", at="unpin_user_pages_dirty_lock()"
    )
    drain_before_unpin: bool = rule(
        Area.PROTECTION, True, "a driver unpins only when its device is quiet", at="__ib_umem_release()"
    )
    release: Release = rule(
        Area.PROTECTION, Release.UNPIN, "how a driver releases a page that it has as FOLL_PIN", at="unpin_user_page()"
    )
    pin_false_positive: bool = rule(
        Area.PROTECTION,
        False,
        "on: a page with many other references may be taken for pinned",
        at="page_maybe_dma_pinned()",
    )
    notifier_before_change: bool = rule(
        Area.PROTECTION,
        True,
        "mmu notifiers are called before the entry changes, and end after it",
        at="mmu_notifier_invalidate_range_start()",
    )
    notifier_waits: bool = rule(
        Area.PROTECTION,
        True,
        "an mmu notifier returns only when the device has stopped using the range",
        at="mlx5_ib_invalidate_range()",
    )
    odp_dirty: bool = rule(
        Area.PROTECTION,
        True,
        "ODP marks a page dirty when it takes a writable translation away",
        at="ib_umem_odp_unmap_dma_pages()",
    )
    odp_read_retry: bool = rule(
        Area.PROTECTION,
        True,
        "a device page fault starts again if the range was invalidated meanwhile",
        at="mmu_interval_read_retry()",
    )
    secondary_tlb_flush: bool = rule(
        Area.PROTECTION,
        True,
        "device TLBs are flushed between clearing an entry and setting one to another page",
        at="ptep_clear_flush_notify()",
    )

    # ---------------------------------------------------------------- protections: files, DAX

    mkwrite_mapping_check: bool = rule(
        Area.PROTECTION,
        True,
        "->page_mkwrite() gives up if the page left the file while it took the page lock",
        at="block_page_mkwrite()",
    )
    mkwrite_wait_stable: bool = rule(
        Area.PROTECTION,
        True,
        "->page_mkwrite() waits for writeback where the mapping needs stable pages",
        at="folio_wait_stable()",
    )
    mkclean_wrprotect: bool = rule(
        Area.PROTECTION,
        True,
        "writeback write-protects all entries of a page before it clears the dirty bit",
        at="page_mkclean()",
    )
    mkclean_keeps_dirty: bool = rule(
        Area.PROTECTION,
        True,
        "what a cleaned entry says of dirtiness goes to the page",
        at="folio_clear_dirty_for_io()",
    )
    zap_keeps_dirty: bool = rule(
        Area.PROTECTION, True, "what a removed entry says of dirtiness goes to the page", at="zap_pte_range()"
    )
    dio_dirty_first: bool = rule(
        Area.PROTECTION,
        True,
        "a direct read marks its pages dirty before it submits the I/O",
        at="bio_set_pages_dirty()",
    )
    dio_dirty_again: bool = rule(
        Area.PROTECTION,
        True,
        "a direct read marks pages dirty again that were cleaned while it ran",
        at="bio_check_pages_dirty()",
    )
    dirty_lock: bool = rule(
        Area.PROTECTION, True, "a driver holds the page lock while it marks a page dirty", at="set_page_dirty_lock()"
    )
    dirty_mapping_check: bool = rule(
        Area.PROTECTION,
        True,
        'a page that left its file is not marked dirty there ("Race with truncate?")',
        at="__set_page_dirty_buffers()",
    )
    truncate_invalidate_lock: bool = rule(
        Area.PROTECTION,
        True,
        "truncate keeps page faults out until the blocks are free",
        at="filemap_invalidate_lock()",
    )
    dax_unmap_first: bool = rule(
        Area.PROTECTION,
        True,
        "truncate on DAX unmaps the range before it looks for pages in use",
        at="dax_layout_busy_page_range()",
    )

    # ---------------------------------------------------------------- never in a release

    fork_wrprotect_first: bool = rule(
        Area.UNMERGED,
        False,
        "fork write-protects before it looks for pins, and undoes it for a pinned page (70e806e4e645, until f3c64eda3e50)",
        at="copy_present_pte()",
    )

    @staticmethod
    def parse(text: str) -> Kernel:
        """The kernel that the command line's text names. Raises UsageError for anything else."""
        return kernel(text)

    @property
    def name(self) -> str:
        """The text that makes this kernel: ``v5.11+write_protect_seq=off``. A rule left open is shown as ``any``."""
        changed = [f"+{name}={shown(value)}" for name, value in self.changed().items()]
        return "".join([self.version, *changed])

    def changed(self) -> dict[str, Any]:
        """Rule -> value, of the rules that differ from the version's."""
        plain = _rules_at(self.version)
        return {name: value for name, value in rules_of(self).items() if value != plain[name]}

    def assumptions_of(self, rules: Collection[str]) -> tuple[str, ...]:
        """The recalled or assumed facts on which the version's values of these rules rest."""
        at = parse_version(self.version)
        asked = [name for name in rules if name not in self.changed()]
        doubts = [commit.doubt(at) for commit in COMMITS if not commit.rules.keys().isdisjoint(asked)]
        said = [f"{self.version} {doubt}" for doubt in doubts if doubt]
        if at > LAST_READ and asked:
            kinds = {"page-cache" if RULES[name].area is Area.FILE else "anonymous" for name in asked}
            pages = " and ".join(sorted(kinds))
            said.append(f"{self.version} has the rules of v6.8 for {pages} pages (assumed): nothing later was read")
        return tuple(said)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Rule:
    """What a rule means, and the kernel function it is a part of.

    `default`: its value in v4.15. `unread`: why no model reads it.
    """

    name: str
    area: Area
    sentence: str
    at: str
    default: Enum | bool
    unread: str

    @property
    def commits(self) -> tuple[str, ...]:
        """``breaks_cow from v5.8, v5.7.3: 17839856fd58 [V]``, a line for each commit; none for what no commit changed."""
        return tuple(
            f"{commit.rules[self.name]} from {commit.releases}: {commit.id} [{commit.tag}]"
            for commit in changing(self.name)
        )


def values_of(rule: Rule) -> tuple[Enum | bool, ...]:
    """The values that a rule can have."""
    return (False, True) if isinstance(rule.default, bool) else tuple(type(rule.default))


RULES: Mapping[str, Rule] = {
    f.name: Rule(f.name, default=f.default, **f.metadata) for f in fields(Kernel) if f.metadata
}
SWITCH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def rules_of(kernel: Kernel) -> dict[str, Any]:
    """Rule -> value, or what is left open: all are read. Of one rule: `peek`."""
    return {name: value for name, value in peek_all(kernel).items() if name != "version"}


def show_value(value: Enum | bool) -> str:
    """How a rule's value is written: ``on``, ``off``, or the member's name in lower case."""
    return value.name.lower() if isinstance(value, Enum) else "on" if value else "off"


def shown(value: Any) -> str:
    """The same, and ``any`` for a rule left open."""
    return "any" if type(value) is Open else show_value(value)


def kernel(text: str) -> Kernel:
    """The kernel that the text names: ``v4.19``, ``v5.9-rc4``, ``v5.10.y``, ``v5.11+write_protect_seq=off``.

    Raises UsageError for anything else.
    """
    version, *changes = text.strip().split("+")
    chosen: dict[str, Any] = dict(_rules_at(version))
    for change in changes:
        name, equals, value = change.partition("=")
        if name not in RULES:
            known = f"{nearest(name, RULES)}; `explore list rules` has them all"
            raise UsageError(f"no kernel rule is named {name!r}{known}")
        chosen[name] = _value(name, value if equals else "", chosen[name])
    return Kernel(version=version, **chosen)


@cache
def _rules_at(version: str) -> Mapping[str, Enum | bool]:
    """Rule -> its value in that version."""
    at = parse_version(version)
    chosen = {name: rule.default for name, rule in RULES.items()}
    for commit in COMMITS:
        if commit.in_force(at):
            chosen.update((name, _value(name, value, chosen[name])) for name, value in commit.rules.items())
    return chosen


def _value(rule: str, text: str, now: Enum | bool) -> Enum | bool:
    if isinstance(now, bool):
        if text.lower() not in SWITCH:
            raise UsageError(f"the kernel rule {rule} is on or off, not {text!r}")
        return SWITCH[text.lower()]
    members = {m.name.lower(): m for m in type(now)}
    if text.lower() not in members:
        known = f"{nearest(text.lower(), members)}; values: {', '.join(members)}"
        raise UsageError(f"the kernel rule {rule} has no value {text!r}{known}")
    return members[text.lower()]


V4_15 = kernel("v4.15")
V4_19 = kernel("v4.19")
V5_4 = kernel("v5.4")
V5_6 = kernel("v5.6")
V5_7 = kernel("v5.7")
V5_8 = kernel("v5.8")
V5_9_RC4 = kernel("v5.9-rc4")
V5_9 = kernel("v5.9")
V5_10 = kernel("v5.10")
V5_10_Y = kernel("v5.10.y")
V5_11 = kernel("v5.11")
V5_17 = kernel("v5.17")
V5_18 = kernel("v5.18")
V5_19 = kernel("v5.19")
V6_1 = kernel("v6.1")
V6_8 = kernel("v6.8")
V6_18 = kernel("v6.18")
V7_0 = kernel("v7.0")
