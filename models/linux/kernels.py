"""Kernels: which rules a kernel version obeys, and how a version is written.

A `Kernel` is a frozen record of rules. A version is a point in their space: the rules of all commits of `COMMITS` that
were merged by then. Tags: [V] read in a source text, [Vx] read as an excerpt, [R] recalled and not re-read; what a
version owes to a recalled fact is in `Kernel.assumptions`, to be shown under a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, TypeAlias

from explorer.errors import UsageError
from explorer.language.rules import Open, Rules


class Fork(Enum):
    """What fork does with a private anonymous page.

    PLAIN: share it and write-protect both entries, pinned or not. EARLY_COPY: copy a page that may be pinned, share any
    other. EXCLUSIVE: the same test, asked only of pages marked exclusive. Sharing clears the mark in every kernel
    that has it.
    """

    PLAIN = "plain"
    EARLY_COPY = "early_copy"
    EXCLUSIVE = "exclusive"


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


class GupRead(Enum):
    """What get_user_pages() for reading does with a page that is not writable.

    PLAIN: takes it as it is. BREAKS_COW: asks for write access, so that it is copied. UNSHARE: a FOLL_PIN of an
    anonymous page that is not exclusive takes an unshare fault first.
    """

    PLAIN = "plain"
    BREAKS_COW = "breaks_cow"
    UNSHARE = "unshare"


@dataclass(frozen=True, kw_only=True)
class Kernel(Rules):
    """The rules of a kernel. `RULES` says of each what it means and which commit introduced it.

    `version`: the version text it started from, without changed rules.
    """

    version: str
    fork: Fork = Fork.PLAIN
    reuse: Reuse = Reuse.MAPCOUNT
    gup_read: GupRead = GupRead.PLAIN
    foll_pin: bool = False
    has_pinned: bool = False
    write_protect_seq: bool = False

    @staticmethod
    def parse(text: str) -> Kernel:
        """The kernel that the command line's text names. Raises UsageError for anything else."""
        return kernel(text)

    @property
    def name(self) -> str:
        """The text that makes this kernel: ``v5.11+write_protect_seq=off``. A rule left open is shown as ``any``."""
        text = self.version
        for rule, value in rules_of(self).items():
            if value != rules_of(_at(self.version))[rule]:
                text += f"+{rule}={'any' if type(value) is Open else show_value(value)}"
        return text

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The recalled or assumed facts that the version rests on."""
        at = parse_version(self.version)
        said = [f"{self.version} {commit.doubt(at)}" for commit in COMMITS if commit.doubt(at)]
        if at > LAST_READ:
            said.append(f"{self.version} has the rules of v6.8 for anonymous pages (assumed): nothing later was read")
        return tuple(said)

    def __str__(self) -> str:
        return self.name


Version: TypeAlias = tuple[int, int, int, int]  # major, minor, release candidate (RELEASE: none), stable number
RELEASE = 99  # stands for "no release candidate": after all of them
NEWEST = 9999  # the stable number of vX.Y.y
LAST_READ: Version = (6, 8, RELEASE, NEWEST)
OLDEST, LAST_MINOR = (4, 15), {4: 20, 5: 19, 6: 19, 7: 19}


@dataclass(frozen=True)
class Backport:
    """The stable series that has a commit from release `number` on, and how that is known.

    `exact`: the releases before `number` are known to lack it.
    """

    series: tuple[int, int]
    number: int
    tag: str
    exact: bool = False

    def holds(self, at: Version) -> bool:
        return at[:3] == (*self.series, RELEASE) and at[3] >= self.number

    def unknown(self, at: Version) -> bool:
        """A numbered release that may have it or not."""
        return at[:3] == (*self.series, RELEASE) and 0 < at[3] < self.number and not self.exact


@dataclass(frozen=True)
class Commit:
    """A commit that changed rules: the release it is first in (`tag` says how that is known), and its backports."""

    id: str
    subject: str
    release: Version
    tag: str
    rules: Mapping[str, Enum | bool]
    backports: tuple[Backport, ...] = ()
    note: str = ""

    def in_force(self, at: Version) -> bool:
        return at >= self.release or any(b.holds(at) for b in self.backports)

    def doubt(self, at: Version) -> str:
        """What is recalled, not read, about whether the version has it; "" for nothing."""
        if at >= self.release:  # a recalled -rcN matters only to that -rcN
            return f"has {self.id} (believed): {self.note}" if self.tag == "R" and at[:3] == self.release[:3] else ""
        for back in self.backports:
            if back.holds(at) and back.tag == "R":
                return f"has {self.id} (believed): {self.note}"
            if back.unknown(at):
                return f"lacks {self.id} (believed): which stable release got it was not read"
        return ""


def _rc(major: int, minor: int, candidate: int) -> Version:
    return major, minor, candidate, 0


COMMITS: tuple[Commit, ...] = (
    Commit(
        "eddb1c228f79",
        "mm/gup: introduce pin_user_pages*() and FOLL_PIN",
        _rc(5, 6, 1),
        "V",
        {"foll_pin": True},
    ),
    Commit(
        "17839856fd58",
        'gup: document and work around "COW can break either way" issue',
        _rc(5, 8, 1),
        "V",
        {"gup_read": GupRead.BREAKS_COW},
        (
            Backport((5, 7), 3, "V", exact=True),
            Backport((5, 4), NEWEST, "R"),
            Backport((4, 19), NEWEST, "R"),
        ),
        "get_user_pages() for reading breaks COW; it reached 4.x to 5.4.y stable",
    ),
    Commit(
        "09854ba94c6a",
        "mm: do_wp_page() simplification",
        _rc(5, 9, 4),
        "V",
        {"reuse": Reuse.PAGE_COUNT},
    ),
    Commit(
        "a308c71bf1e6",
        "mm/gup: Remove enforced COW mechanism",
        _rc(5, 9, 4),
        "V",
        {"gup_read": GupRead.PLAIN},
    ),
    Commit(
        "008cfe4418b3",
        "mm: Introduce mm_struct.has_pinned",
        _rc(5, 9, 8),
        "R",
        {"has_pinned": True},
        (),
        "which release candidate merged it is recalled",
    ),
    Commit(
        "70e806e4e645",
        "mm: Do early cow for pinned pages during fork() for ptes",
        _rc(5, 9, 8),
        "R",
        {"fork": Fork.EARLY_COPY},
        (),
        "which release candidate merged it is recalled",
    ),
    Commit(
        "57efa1fe5957",
        "mm/gup: prevent gup_fast from racing with COW during fork",
        _rc(5, 11, 1),
        "V",
        {"write_protect_seq": True},
        (Backport((5, 10), 7, "V"),),
    ),
    Commit(
        "53a05ad9f21d",
        "mm: optimize do_wp_page() for exclusive pages in the swapcache",
        _rc(5, 18, 1),
        "Vx",
        {"reuse": Reuse.PAGE_COUNT_SWAPCACHE},
    ),
    Commit(
        "6c287605fd56",
        "mm: remember exclusively mapped anonymous pages with PG_anon_exclusive",
        _rc(5, 19, 1),
        "V",
        {"fork": Fork.EXCLUSIVE, "reuse": Reuse.EXCLUSIVE},
    ),
    Commit(
        "a7f226604170",
        "mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared anonymous page",
        _rc(5, 19, 1),
        "V",
        {"gup_read": GupRead.UNSHARE},
    ),
)


@dataclass(frozen=True)
class Rule:
    """What a rule means, the commit that introduced it, and the tag of that fact."""

    name: str
    sentence: str
    commit: str
    tag: str


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "fork",
            "what fork does with a private anonymous page that may be pinned",
            "70e806e4e645 (early_copy, 5.9), 6c287605fd56 (exclusive, 5.19)",
            "V",
        ),
        Rule(
            "reuse",
            "when do_wp_page() makes a page writable in place instead of copying it",
            "09854ba94c6a (page_count, 5.9), 53a05ad9f21d (page_count_swapcache, 5.18), 6c287605fd56 (exclusive, 5.19)",
            "V",
        ),
        Rule(
            "gup_read",
            "what a reading get_user_pages() does with a page that is not writable",
            "17839856fd58 (breaks_cow, 5.8), a308c71bf1e6 (plain again, 5.9), a7f226604170 (unshare, 5.19)",
            "V",
        ),
        Rule(
            "foll_pin",
            "pin_user_pages() exists; before it, a driver's reference for DMA is the FOLL_GET it took",
            "eddb1c228f79 (5.6)",
            "V",
        ),
        Rule(
            "has_pinned",
            "fork copies a page early only for an mm that has ever pinned pages",
            "008cfe4418b3 (5.9)",
            "V",
        ),
        Rule(
            "write_protect_seq",
            "GUP-fast of FOLL_PIN gives up if fork was write-protecting meanwhile",
            "57efa1fe5957 (5.11, 5.10.y)",
            "V",
        ),
    )
}

KERNELS: tuple[tuple[str, str], ...] = (
    ("v4.15", "fork shares, do_wp_page() reuses by mapcount, drivers take FOLL_GET"),
    ("v4.19", "the same rules as v4.15"),
    ("v5.4", "the same rules as v4.15"),
    ("v5.6", "drivers take FOLL_PIN, which nothing looks at yet"),
    ("v5.7", "the same rules as v5.6"),
    ("v5.8", "get_user_pages() breaks COW also for reading"),
    ("v5.9-rc4", "do_wp_page() reuses by page count; reading GUP is plain again"),
    ("v5.9", "fork copies pages that may be pinned, if the mm has pinned any"),
    ("v5.10", "the same rules as v5.9"),
    ("v5.10.y", "v5.10 with write_protect_seq"),
    ("v5.11", "GUP-fast and fork exclude each other by write_protect_seq"),
    ("v5.17", "the same rules as v5.11"),
    ("v5.18", "do_wp_page() drops the swap cache's reference before it counts"),
    ("v5.19", "PG_anon_exclusive decides reuse and sharing; read pins unshare"),
    ("v6.1", "the same rules as v5.19 for anonymous pages"),
    ("v6.8", "the same rules as v5.19 for anonymous pages"),
    ("v6.18", "rules of v6.8 assumed"),
    ("v7.0", "rules of v6.8 assumed"),
)

CONTRACT = "a kernel is vX.Y, vX.Y-rcN, vX.Y.Z or vX.Y.y, from v4.15 to v7.x, then any number of +rule=value"
SWITCH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def rules_of(kernel: Kernel) -> dict[str, Any]:
    """Rule -> value, without reading what is left open."""
    return {f.name: object.__getattribute__(kernel, f.name) for f in fields(kernel) if f.name != "version"}


def show_value(value: Enum | bool) -> str:
    """How a rule's value is written: ``on``, ``off``, or the member's name in lower case."""
    return value.name.lower() if isinstance(value, Enum) else "on" if value else "off"


def kernel(text: str) -> Kernel:
    """The kernel that the text names: ``v4.19``, ``v5.9-rc4``, ``v5.10.y``, ``v5.11+write_protect_seq=off``.

    Raises UsageError for anything else.
    """
    version, *changes = text.strip().split("+")
    chosen = rules_of(_at(version))
    for change in changes:
        rule, equals, value = change.partition("=")
        if rule not in RULES:
            known = ", ".join(RULES)
            raise UsageError(f"no kernel rule is named {rule!r}{_nearest(rule, RULES)}; rules: {known}")
        chosen[rule] = _value(rule, value if equals else "", chosen[rule])
    return Kernel(version=version, **chosen)


def parse_version(text: str) -> Version:
    """Raises UsageError for what is not a version of the contract."""
    match = re.fullmatch(r"v(\d{1,2})\.(\d{1,3})(?:-rc([1-9])|\.(\d{1,3}|y))?", text)
    if match is None:
        meant = f"v{text}" if text[:1].isdigit() else text
        raise UsageError(f"{CONTRACT}, not {text!r}{_nearest(meant, [v for v, _ in KERNELS])}")
    major, minor = int(match[1]), int(match[2])
    if (major, minor) < OLDEST or major not in LAST_MINOR or minor > LAST_MINOR[major]:
        close = min(KERNELS, key=lambda k: abs(_place(k[0]) - major * 100 - minor))[0]
        raise UsageError(f"{CONTRACT}; there is no {text!r} among them (did you mean {close}?)")
    candidate = RELEASE if match[3] is None else int(match[3])
    stable = 0 if match[4] is None else NEWEST if match[4] == "y" else int(match[4])
    return major, minor, candidate, stable


def _place(version: str) -> int:
    """Where a version stands among the others."""
    major, minor = re.findall(r"\d+", version)[:2]
    return int(major) * 100 + int(minor)


def _at(version: str) -> Kernel:
    at = parse_version(version)
    chosen: dict[str, Any] = {}
    for commit in COMMITS:
        if commit.in_force(at):
            chosen.update(commit.rules)
    return Kernel(version=version, **chosen)


def _value(rule: str, text: str, now: Enum | bool) -> Enum | bool:
    if isinstance(now, bool):
        if text.lower() not in SWITCH:
            raise UsageError(f"the kernel rule {rule} is on or off, not {text!r}")
        return SWITCH[text.lower()]
    members = {m.name.lower(): m for m in type(now)}
    if text.lower() not in members:
        known = f"{_nearest(text.lower(), members)}; values: {', '.join(members)}"
        raise UsageError(f"the kernel rule {rule} has no value {text!r}{known}")
    return members[text.lower()]


def _nearest(text: str, names: Mapping[str, Any] | list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(text, list(names), 1, 0.4)
    return f" (did you mean {close[0]}?)" if close else ""


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
