"""What a part shows of a state: boxes and arrows. A renderer draws them and knows nothing of what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Box:
    """`name` identifies it among the boxes of one picture; `rows` are the lines inside it under the title.

    `kind`: "mapper" stands on the left (who maps or names memory), "memory" on the right.
    """

    name: str
    title: str
    rows: tuple[str, ...] = ()
    kind: Literal["mapper", "memory"] = "memory"


@dataclass(frozen=True)
class Arrow:
    """From box to box, with a label. `dashed`: a stale or temporary reference. `alarm`: what broke."""

    source: str
    target: str
    label: str = ""
    dashed: bool = False
    alarm: bool = False


@dataclass(frozen=True)
class Picture:
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    note: str = ""
