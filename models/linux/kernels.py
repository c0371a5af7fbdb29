"""Kernels: which rules a kernel version obeys, and how a version is written.

A `Kernel` is a frozen record of rules, which are declared in `rules`, a file for each area. A version is a point in their
space: v4.15, and every change of `COMMITS` that was merged by then. What a version owes to recalled facts is said by
`Kernel.assumptions_of`, of the rules that a model reads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cache
from typing import Any

from explorer.errors import UsageError
from explorer.language.rules import Open, peek_all
from explorer.language.values import rule_text
from explorer.models.linux.history import LAST_READ, Commit, nearest, parse_version
from explorer.models.linux.rules.cow import Cow
from explorer.models.linux.rules.declare import Change
from explorer.models.linux.rules.driver import Driver
from explorer.models.linux.rules.file import File
from explorer.models.linux.rules.gup import Gup
from explorer.models.linux.rules.protection import Protection, Unmerged
from explorer.models.linux.rules.pte import Pte


class Area(Enum):
    """What a rule is about. The first three are steps on anonymous pages, unless a model of files reads them."""

    COW = "fork and copy-on-write"
    GUP = "get_user_pages() and pin_user_pages()"
    PTE = "swap, KSM, write protection, TLB flushes"
    DRIVER = "what drivers and direct I/O ask for"
    FILE = "files, writeback, DAX"
    PROTECTION = "protecting steps of every kernel: off leaves the step out"
    UNMERGED = "never in a release"


AREAS: Mapping[Area, type[Any]] = {
    Area.COW: Cow,
    Area.GUP: Gup,
    Area.PTE: Pte,
    Area.DRIVER: Driver,
    Area.FILE: File,
    Area.PROTECTION: Protection,
    Area.UNMERGED: Unmerged,
}


@dataclass(frozen=True, kw_only=True)
class Kernel(Unmerged, Protection, File, Driver, Pte, Gup, Cow):  # the fields come in the order of the areas
    """The rules of a kernel. `RULES` says of each what it means and which commits changed it.

    `version`: the version text it started from, without changed rules.
    """

    version: str

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

    `default`: its value in v4.15. `changes`: oldest first. `unread`: why no model reads it.
    """

    name: str
    area: Area
    sentence: str
    at: str
    default: Enum | bool
    changes: tuple[Change[Enum | bool], ...]
    unread: str

    @property
    def commits(self) -> tuple[str, ...]:
        """``breaks_cow from v5.8, v5.7.3: 17839856fd58 [V]``, a line for each commit; none for what no commit changed."""
        return tuple(
            f"{commit.rules[self.name]} from {commit.releases}: {commit.id} [{commit.tag}]"
            for commit in changing(self.name)
        )


RULES: Mapping[str, Rule] = {
    f.name: Rule(f.name, area, default=f.default, **f.metadata)
    for area, declared in AREAS.items()
    for f in fields(declared)
}


def _commits() -> Iterator[Commit]:
    """Each commit that changed rules, with what it changed, as the command line writes it; in the order of the rules."""
    changes: dict[Commit, list[str]] = {}
    for rule in RULES.values():
        for change in rule.changes:
            changes.setdefault(change.commit, []).append(f"{rule.name}={rule_text(change.value)}")
    return (replace(commit, changes=" ".join(made)) for commit, made in changes.items())


COMMITS = tuple(sorted(_commits(), key=lambda commit: (commit.version, commit.place)))  # oldest first


def changing(rule: str) -> Iterator[Commit]:
    """The commits that changed the rule, oldest first."""
    return (commit for commit in COMMITS if rule in commit.rules)


SWITCH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def rules_of(kernel: Kernel) -> dict[str, Any]:
    """Rule -> value, or what is left open: all are read. Of one rule: `peek`."""
    return {name: value for name, value in peek_all(kernel).items() if name != "version"}


def shown(value: Any) -> str:
    """The same, and ``any`` for a rule left open."""
    return "any" if type(value) is Open else rule_text(value)


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
