"""Versions and commits: in which release a commit is, and how that is known. What it changed stands in `rules`.

Versions are written as kernels are: ``v5.9-rc4``, ``v5.10.7``, ``v5.10.y`` (the newest of its series). Tags: [V] read in a source
text, [Vx] read as an excerpt, [R] recalled and not re-read.
"""

from __future__ import annotations

import re
from collections.abc import Collection
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

    `release`: the first mainline version with it. `between`: the last version known to lack it and the first known to have it
    ("": none), where `release` is recalled; then `note` says what is. `place`: among those of one release. `changes`:
    ``rule=value``, separated by blanks, as the rules say (`kernels.COMMITS`).
    """

    id: str
    subject: str
    release: str
    tag: str
    backports: tuple[Backport, ...] = ()
    between: tuple[str, str] | None = None
    note: str = "its release is recalled"
    place: int = 0
    changes: str = ""

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
