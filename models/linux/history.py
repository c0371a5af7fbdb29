"""The history of the rules: which commit changed which rule, in which release, and how that is known.

Versions are written as kernels are: ``v5.9-rc4``, ``v5.10.7``, ``v5.10.y`` (the newest of its series). A commit's changes
are written as on the command line: ``reuse=page_count``. Tags: [V] read in a source text, [Vx] read as an excerpt, [R]
recalled and not re-read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from explorer.errors import UsageError

Version: TypeAlias = tuple[int, int, int, int]  # major, minor, release candidate (RELEASE: none), stable number
RELEASE = 99  # stands for "no release candidate": after all of them
NEWEST = 9999  # the stable number of vX.Y.y
LAST_READ: Version = (6, 8, RELEASE, NEWEST)
OLDEST, LAST_MINOR = (4, 15), {4: 20, 5: 19, 6: 19, 7: 19}
CONTRACT = "a kernel is vX.Y, vX.Y-rcN, vX.Y.Z or vX.Y.y, from v4.15 to v7.x, then any number of +rule=value"

KERNELS: tuple[tuple[str, str], ...] = (
    ("v4.15", "fork shares, do_wp_page() reuses by mapcount, drivers take FOLL_GET"),
    ("v4.18", "truncate on XFS waits for busy DAX pages"),
    ("v4.19", "the same on ext4; mremap() flushes TLBs in time"),
    ("v5.1", "do_wp_page() reuses KSM pages"),
    ("v5.4", "madvise() knows MADV_PAGEOUT"),
    ("v5.6", "drivers take FOLL_PIN, which nothing looks at yet; clear_refs flushes no TLBs"),
    ("v5.7", "a FOLL_PIN can be told from other references; userfaultfd write-protects"),
    ("v5.8", "get_user_pages() breaks COW also for reading"),
    ("v5.9-rc4", "do_wp_page() reuses by page count; reading GUP is plain again"),
    ("v5.9", "fork copies pages that may be pinned, if the mm has pinned any"),
    ("v5.10", "a wish for stable pages is a property of the superblock"),
    ("v5.10.y", "v5.10 with write_protect_seq; clear_refs flushes, and it and swap-out spare pinned pages"),
    ("v5.11", "GUP-fast and fork exclude each other by write_protect_seq"),
    ("v5.12", "a write fault flushes what userfaultfd has write-protected before; clear_refs flushes"),
    ("v5.13", "RDMA user space can ask whether fork copies pinned pages"),
    ("v5.16", "UFFDIO_CONTINUE makes entries dirty"),
    ("v5.17", "the same rules as v5.16"),
    ("v5.18", "do_wp_page() drops the swap cache's reference before it counts; ext4 warns, no BUG"),
    ("v5.19", "PG_anon_exclusive decides reuse, sharing and swap; read pins unshare"),
    ("v6.0", "FOLL_FORCE writes only exclusive anonymous pages; mprotect() keeps them writable"),
    ("v6.1", "memory barriers between GUP-fast and the clearing of PG_anon_exclusive"),
    ("v6.2", "read pins unshare also the zero page and pages of private file mappings"),
    ("v6.4", "page faults under per-VMA locks; reclaim leaves buffers of pinned pages"),
    ("v6.5", "block O_DIRECT takes FOLL_PIN; long-term write pins of file mappings are refused"),
    ("v6.7", "a wish for stable pages is a property of the mapping"),
    ("v6.8", "the same rules as v6.7"),
    ("v6.9", "FUSE direct I/O takes FOLL_PIN; other rules of v6.8 assumed"),
    ("v6.10", "GUP-fast leaves pages without a mapping to the slow path; other rules of v6.8 assumed"),
    ("v6.15", "an idle DAX page has refcount 0; other rules of v6.8 assumed"),
    ("v6.18", "the same rules as v6.15"),
    ("v7.0", "the same rules as v6.15"),
)


def parse_version(text: str) -> Version:
    """Raises UsageError for what is not a version of the contract."""
    match = re.fullmatch(r"v(\d{1,2})\.(\d{1,3})(?:-rc([1-9])|\.(\d{1,3}|y))?", text)
    if match is None:
        meant = f"v{text}" if text[:1].isdigit() else text
        raise UsageError(f"{CONTRACT}, not {text!r}{nearest(meant, [v for v, _ in KERNELS])}")
    major, minor = int(match[1]), int(match[2])
    if (major, minor) < OLDEST or major not in LAST_MINOR or minor > LAST_MINOR[major]:
        close = min(KERNELS, key=lambda k: abs(_place(k[0]) - major * 100 - minor))[0]
        raise UsageError(f"{CONTRACT}; there is no {text!r} among them (did you mean {close}?)")
    candidate = RELEASE if match[3] is None else int(match[3])
    stable = 0 if match[4] is None else NEWEST if match[4] == "y" else int(match[4])
    return major, minor, candidate, stable


def nearest(text: str, names: Collection[str]) -> str:
    """`` (did you mean X?)``, or nothing where no name is near."""
    from difflib import get_close_matches

    close = get_close_matches(text, list(names), 1, 0.4)
    return f" (did you mean {close[0]}?)" if close else ""


def _place(version: str) -> int:
    """Where a version stands among the others."""
    major, minor = re.findall(r"\d+", version)[:2]
    return int(major) * 100 + int(minor)


@dataclass(frozen=True)
class Backport:
    """A stable release that has a commit, as have all later ones of its series.

    `lacks`: the last release of the series that is known to lack it; "": only vX.Y itself.
    """

    first: str
    tag: str
    lacks: str = ""

    @cached_property
    def version(self) -> Version:
        return parse_version(self.first)

    def same_series(self, at: Version) -> bool:
        return at[:3] == self.version[:3]

    def holds(self, at: Version) -> bool:
        return self.same_series(at) and at >= self.version

    def unknown(self, at: Version) -> bool:
        """A release that may have it or not."""
        known = parse_version(self.lacks) if self.lacks else (*self.version[:3], 0)
        return self.same_series(at) and known < at < self.version


@dataclass(frozen=True)
class Commit:
    """A commit that changed rules.

    `release`: the first mainline version with it. `changes`: ``rule=value``, separated by blanks. `between`: the last version
    known to lack it and the first known to have it ("": none), where `release` is recalled; then `note` says what is.
    """

    id: str
    subject: str
    release: str
    tag: str
    changes: str
    backports: tuple[Backport, ...] = ()
    between: tuple[str, str] | None = None
    note: str = "its release is recalled"

    @cached_property
    def version(self) -> Version:
        return parse_version(self.release)

    @cached_property
    def rules(self) -> dict[str, str]:
        """Rule -> the value it has from this commit on."""
        return dict(change.split("=") for change in self.changes.split())

    @property
    def releases(self) -> str:
        """``v5.11, v5.10.7``: the release, without -rc1, and the stable ones."""
        return ", ".join([self.release.removesuffix("-rc1"), *(back.first for back in self.backports)])

    def in_force(self, at: Version) -> bool:
        return at >= self.version or any(b.holds(at) for b in self.backports)

    def doubt(self, at: Version) -> str:
        """What is recalled, not read, about whether the version has it; "" for nothing."""
        for back in self.backports:
            if back.holds(at):
                return f"has {self.id} (believed): {self.note}" if back.tag == "R" else ""
            if back.unknown(at):
                return f"lacks {self.id} (believed): which stable release got it was not read"
        if self.between is not None:
            lacks, has = self.between
            if not (lacks and at <= parse_version(lacks)) and not (has and at >= parse_version(has)):
                return f"{'has' if self.in_force(at) else 'lacks'} {self.id} (believed): {self.note}"
        return ""


CANDIDATE = "which release candidate merged it is recalled"

COMMITS: tuple[Commit, ...] = (
    Commit(
        "5fac7408d828",
        "mm, fs, dax: handle layout changes to pinned dax mappings",
        "v4.18-rc1",
        "Vx",
        "xfs_break_layouts=on",
    ),
    Commit(
        "430657b6be89",
        "ext4: handle layout changes to pinned DAX mappings",
        "v4.19-rc1",
        "Vx",
        "ext4_break_layouts=on",
    ),
    Commit(
        "eb66ae030829",
        "mremap: properly flush TLB before releasing the page",
        "v4.19-rc8",
        "V",
        "mremap_flush=on",
        (Backport("v4.18.16", "V", lacks="v4.18.15"),),
        between=("v4.18", "v4.19"),
        note=CANDIDATE,
    ),
    Commit(
        "52d1e606ee73",
        "mm: reuse only-pte-mapped KSM page in do_wp_page()",
        "v5.1-rc1",
        "R",
        "reuse_ksm_page=on",
        between=("v4.19", "v5.4"),
    ),
    Commit(
        "1a4e58cce84e",
        "mm: introduce MADV_PAGEOUT",
        "v5.4-rc1",
        "V",
        "madv_pageout=on",
    ),
    Commit(
        "eddb1c228f79",
        "mm/gup: introduce pin_user_pages*() and FOLL_PIN",
        "v5.6-rc1",
        "V",
        "foll_pin=on",
    ),
    Commit(
        "4789fcdd14c1",
        "IB/umem: use get_user_pages_fast() to pin DMA pages",
        "v5.6-rc1",
        "R",
        "umem_gup_fast=on",
        between=("v4.19", "v5.10"),
        note="its id and its release are recalled",
    ),
    Commit(
        "0758cd830494",
        "asm-generic/tlb: avoid potential double flush",
        "v5.6-rc1",
        "R",
        "clear_refs_flush=off",
        between=("v4.19", "v5.10"),
        note="clear_refs does not flush TLBs from then on; its release is recalled",
    ),
    Commit(
        "3faa52c03f44",
        "mm/gup: track FOLL_PIN pages",
        "v5.7-rc1",
        "V",
        "foll_pin_counted=on",
    ),
    Commit(
        "63b2d4174c4a",
        "userfaultfd: wp: add the writeprotect API to userfaultfd ioctl",
        "v5.7-rc1",
        "V",
        "uffd_wp=on",
    ),
    Commit(
        "17839856fd58",
        'gup: document and work around "COW can break either way" issue',
        "v5.8-rc1",
        "V",
        "gup_read=breaks_cow foll_force=foll_cow_unforced",
        (Backport("v5.7.3", "V", lacks="v5.7.2"), Backport("v5.4.y", "R"), Backport("v4.19.y", "R", lacks="v4.19.184")),
        note="get_user_pages() for reading breaks COW; it reached 4.x to 5.4.y stable",
    ),
    Commit(
        "09854ba94c6a",
        "mm: do_wp_page() simplification",
        "v5.9-rc4",
        "V",
        "reuse=page_count",
    ),
    Commit(
        "1a0cf26323c8",
        "mm/ksm: Remove reuse_ksm_page()",
        "v5.9-rc4",
        "V",
        "reuse_ksm_page=off",
    ),
    Commit(
        "a308c71bf1e6",
        "mm/gup: Remove enforced COW mechanism",
        "v5.9-rc4",
        "V",
        "gup_read=plain foll_force=foll_cow",
    ),
    Commit(
        "008cfe4418b3",
        "mm: Introduce mm_struct.has_pinned",
        "v5.9-rc8",
        "R",
        "has_pinned=on",
        between=("v5.9-rc7", "v5.9"),
        note=CANDIDATE,
    ),
    Commit(
        "70e806e4e645",
        "mm: Do early cow for pinned pages during fork() for ptes",
        "v5.9-rc8",
        "R",
        "fork=early_copy",
        between=("v5.9-rc7", "v5.9"),
        note=CANDIDATE,
    ),
    Commit(
        "1cb039f3dc16",
        "bdi: replace BDI_CAP_STABLE_WRITES with a queue and a sb flag",
        "v5.10-rc1",
        "R",
        "stable_writes=superblock",
        between=("v4.19", "v5.10"),
    ),
    Commit(
        "57efa1fe5957",
        "mm/gup: prevent gup_fast from racing with COW during fork",
        "v5.11-rc1",
        "V",
        "write_protect_seq=on",
        (Backport("v5.10.7", "V"),),
    ),
    Commit(
        "9348b73c2e1b",
        "mm: don't play games with pinned pages in clear_page_refs",
        "v5.11-rc4",
        "V",
        "clear_refs_skips_pinned=on",
        (Backport("v5.10.10", "R", lacks="v5.10.7"),),
        note="which stable release got it is recalled",
    ),
    Commit(
        "feb889fb40fa",
        "mm: don't put pinned pages into the swap cache",
        "v5.11-rc4",
        "V",
        "swap_skips_pinned=on",
        (Backport("v5.10.10", "R", lacks="v5.10.7"),),
        note="which stable release got it is recalled",
    ),
    Commit(
        "29a951dfb3c3",
        "mm: fix clear_refs_write locking",
        "v5.11-rc4",
        "V",
        "clear_refs_write_lock=on",
        (Backport("v5.10.10", "R", lacks="v5.10.7"),),
        note="which stable release got it is recalled",
    ),
    Commit(
        "912efa17e512",
        "mm: proc: Invalidate TLB after clearing soft-dirty page state",
        "v5.12-rc1",
        "R",
        "clear_refs_flush=on",
        (Backport("v5.11.3", "R"), Backport("v5.10.20", "R")),
        between=("v5.11", "v5.17"),
        note="clear_refs flushes TLBs again; its releases are recalled",
    ),
    Commit(
        "6ce64428d620",
        "mm/userfaultfd: fix memory corruption due to writeprotect",
        "v5.12-rc3",
        "V",
        "uffd_wp_flush=on",
    ),
    Commit(
        "6cc9e215eb27",
        "RDMA/nldev: Add copy-on-fork attribute to get sys command",
        "v5.13-rc1",
        "V",
        "copy_on_fork=on",
    ),
    Commit(
        "9ae0f87d009c",
        "mm/shmem: unconditionally set pte dirty in mfill_atomic_install_pte",
        "v5.16-rc1",
        "V",
        "uffd_continue_dirty=on",
    ),
    Commit(
        "53a05ad9f21d",
        "mm: optimize do_wp_page() for exclusive pages in the swapcache",
        "v5.18-rc1",
        "Vx",
        "reuse=page_count_swapcache",
    ),
    Commit(
        "c145e0b47c77",
        "mm: streamline COW logic in do_swap_page()",
        "v5.18-rc1",
        "V",
        "swap_in=page_count",
    ),
    Commit(
        "cc5095747edf",
        "ext4: don't BUG if someone dirty pages without asking ext4 first",
        "v5.18-rc1",
        "V",
        "ext4_no_buffers=warn",
        tuple(Backport(series, "R") for series in ("v5.17.y", "v5.15.y", "v5.10.y", "v5.4.y", "v4.19.y")),
        note="ext4 warns of a dirty page without buffers; which stable series got it is recalled",
    ),
    Commit(
        "6c287605fd56",
        "mm: remember exclusively mapped anonymous pages with PG_anon_exclusive",
        "v5.19-rc1",
        "V",
        "fork=exclusive reuse=exclusive try_share_anon_rmap=on defer_flush=shared",
    ),
    Commit(
        "1493a1913e34",
        "mm/swap: remember PG_anon_exclusive via a swp pte bit",
        "v5.19-rc1",
        "V",
        "swap_in=exclusive",
    ),
    Commit(
        "a7f226604170",
        "mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared anonymous page",
        "v5.19-rc1",
        "V",
        "gup_read=unshare",
    ),
    Commit(
        "64fe24a3e05e",
        "mm/mprotect: try avoiding write faults for exclusive anonymous pages when changing protection",
        "v6.0-rc1",
        "V",
        "mprotect_restores_write=on",
    ),
    Commit(
        "5535be309971",
        "mm/gup: fix FOLL_FORCE COW security issue and remove FOLL_COW",
        "v6.0-rc3",
        "Vx",
        "foll_force=exclusive",
        (Backport("v5.19.6", "V", lacks="v5.19.5"),),
        between=("v5.19", "v6.0"),
        note=CANDIDATE,
    ),
    Commit(
        "60bae7370896",
        "mm/migrate_device.c: flush TLB while holding PTL",
        "v6.0",
        "V",
        "migrate_flush=on",
        between=("v5.19", "v6.8"),
    ),
    Commit(
        "088b8aa537c2",
        "mm: fix PageAnonExclusive clearing racing with concurrent RCU GUP-fast",
        "v6.1-rc1",
        "V",
        "gup_fast_barriers=on",
    ),
    Commit(
        "088b8aa537c2",
        "mm: fix PageAnonExclusive clearing racing with concurrent RCU GUP-fast",
        "v6.1-rc1",
        "R",
        "defer_flush=any",
        between=("v5.19", "v6.8"),
        note="that swap-out puts the flush off again with this commit is recalled",
    ),
    Commit(
        "8d6a0ac09a16",
        "mm: extend FAULT_FLAG_UNSHARE support to anything in a COW mapping",
        "v6.2-rc1",
        "V",
        "unshare_any=on",
    ),
    Commit(
        "84209e87c696",
        "mm/gup: reliable R/O long-term pinning in COW mappings",
        "v6.2-rc1",
        "V",
        "longterm_unshare=on",
    ),
    Commit(
        "b40656aa7d55",
        "RDMA/umem: remove FOLL_FORCE usage",
        "v6.2-rc1",
        "V",
        "umem_force=off",
    ),
    Commit(
        "0bff0aaea03e",
        "x86/mm: try VMA lock-based page fault handling first",
        "v6.4-rc1",
        "V",
        "per_vma_locks=on",
    ),
    Commit(
        "fb49c455323f",
        "fork: lock VMAs of the parent process when forking",
        "v6.5-rc1",
        "V",
        "vma_start_write=on",
        (Backport("v6.4.3", "V", lacks="v6.4.2"),),
    ),
    Commit(
        "8ac268436e6d",
        "mm/gup: disallow FOLL_LONGTERM GUP-nonfast writing to file-backed mappings",
        "v6.5-rc1",
        "V",
        "refuse_longterm=on",
    ),
    Commit(
        "a6e79df92e4a",
        "mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings",
        "v6.5-rc1",
        "V",
        "folio_fast_pin_allowed=on",
    ),
    Commit(
        "c8070b787519",
        "mm: Don't pin ZERO_PAGE in pin_user_pages()",
        "v6.5-rc1",
        "V",
        "pin_zero_page=off",
    ),
    Commit(
        "1ccf164ec866",
        "block: Use iov_iter_extract_pages() and page pinning in direct-io.c",
        "v6.5-rc1",
        "V",
        "block_dio=pin",
    ),
    Commit(
        "d824ec2a1546",
        "mm: do not reclaim private data from pinned page",
        "v6.4-rc1",
        "V",
        "reclaim_keeps_buffers=on",
        (Backport("v6.3.2", "V"),),
    ),
    Commit(
        "762321dab9a7",
        "filemap: add a per-mapping stable writes flag",
        "v6.7-rc1",
        "R",
        "stable_writes=mapping",
        between=("v5.10", "v6.8"),
    ),
    Commit(
        "738adade96b2",
        "fuse: Use iov_iter_extract_pages() in fuse_get_user_pages()",
        "v6.9-rc1",
        "V",
        "fuse_dio=pin",
        (Backport("v6.8.y", "R"),),
        note="that 6.8.y got it is recalled",
    ),
    Commit(
        "f002882ca369",
        "mm: merge folio_is_secretmem() and folio_fast_pin_allowed() into gup_fast_folio_allowed()",
        "v6.10-rc1",
        "V",
        "gup_fast_needs_mapping=on",
    ),
    Commit(
        "38607c62b34b",
        "fs/dax: properly refcount fs dax pages",
        "v6.15-rc1",
        "V",
        "dax_idle_refcount=zero",
    ),
    Commit(
        "0e2f80afcfa6",
        "fs/dax: Ensure all pages are idle prior to filesystem unmount",
        "v6.15-rc1",
        "Vx",
        "dax_break_layout_final=on",
    ),
)


def changing(rule: str) -> Iterator[Commit]:
    """The commits that changed the rule, oldest first."""
    return (commit for commit in COMMITS if rule in commit.rules)
