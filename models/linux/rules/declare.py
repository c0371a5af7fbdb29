"""How a rule is declared: what it says, and what changed it. A rule that something changed can't be without its commits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from explorer.models.linux.history import Commit

T = TypeVar("T")


@dataclass(frozen=True)
class Change(Generic[T]):
    """The value that the commit gave the rule."""

    value: T
    commit: Commit


def to(value: T, commit: Commit) -> Change[T]:
    """The commit gave the rule the value."""
    return Change(value, commit)


def on(commit: Commit) -> Change[bool]:
    """The commit set the rule."""
    return Change(True, commit)


def off(commit: Commit) -> Change[bool]:
    """The commit cleared the rule."""
    return Change(False, commit)


def rule(default: T, sentence: str, at: str, first: Change[T], *later: Change[T], unread: str = "") -> T:
    """A rule: its value in v4.15, what it says, the kernel function it is a part of, and what changed it. `unread`: why no model
    reads it."""
    return declared(default, sentence, at, (first, *later), unread)


def always(default: T, sentence: str, at: str) -> T:
    """A rule that has the same value in every kernel, so that no commit changed it."""
    return declared(default, sentence, at, (), "")


def declared(default: T, sentence: str, at: str, changes: tuple[Change[T], ...], unread: str) -> T:
    """The field of the record, which holds what is said of the rule."""
    said = {"sentence": sentence, "at": at, "changes": changes, "unread": unread}
    made: Any = field(default=default, metadata=said)
    return made  # type: ignore[no-any-return]
