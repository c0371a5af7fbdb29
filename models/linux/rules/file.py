"""Files, writeback, DAX: the rules, what each can be, and the commits that changed it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.language.rules import Rules
from explorer.models.linux.history import Backport, Commit
from explorer.models.linux.rules.declare import on, rule, to


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


@dataclass(frozen=True, kw_only=True)
class File(Rules):
    """What becomes of pages of files."""

    ext4_no_buffers: Ext4NoBuffers = rule(
        Ext4NoBuffers.BUG,
        "what ext4 does in writeback with a dirty page without buffers",
        "mpage_prepare_extent_to_map()",
        to(
            Ext4NoBuffers.WARN,
            Commit(
                "cc5095747edf",
                "ext4: don't BUG if someone dirty pages without asking ext4 first",
                "v5.18-rc1",
                "V",
                tuple(Backport(series, "R") for series in ("v5.17.y", "v5.15.y", "v5.10.y", "v5.4.y", "v4.19.y")),
                note="ext4 warns of a dirty page without buffers; which stable series got it is recalled",
            ),
        ),
    )

    reclaim_keeps_buffers: bool = rule(
        False,
        "reclaim leaves the buffers of a page that may be pinned",
        "shrink_folio_list()",
        on(
            Commit(
                "d824ec2a1546",
                "mm: do not reclaim private data from pinned page",
                "v6.4-rc1",
                "V",
                (Backport("v6.3.2", "V"),),
            )
        ),
    )

    stable_writes: StableWrites = rule(
        StableWrites.DEVICE,
        "what a wish for stable pages is a property of",
        "folio_wait_stable()",
        to(
            StableWrites.SUPERBLOCK,
            Commit(
                "1cb039f3dc16",
                "bdi: replace BDI_CAP_STABLE_WRITES with a queue and a sb flag",
                "v5.10-rc1",
                "R",
                between=("v4.19", "v5.10"),
            ),
        ),
        to(
            StableWrites.MAPPING,
            Commit(
                "762321dab9a7",
                "filemap: add a per-mapping stable writes flag",
                "v6.7-rc1",
                "R",
                between=("v5.10", "v6.8"),
            ),
        ),
        unread="models have one mapping on one device, which wants stable pages or not",
    )

    xfs_break_layouts: bool = rule(
        False,
        "truncate on XFS waits until no DAX page of the range is in use",
        "xfs_break_layouts()",
        on(Commit("5fac7408d828", "mm, fs, dax: handle layout changes to pinned dax mappings", "v4.18-rc1", "Vx")),
    )

    ext4_break_layouts: bool = rule(
        False,
        "truncate on ext4 waits until no DAX page of the range is in use",
        "ext4_break_layouts()",
        on(Commit("430657b6be89", "ext4: handle layout changes to pinned DAX mappings", "v4.19-rc1", "Vx")),
    )

    dax_idle_refcount: IdleCount = rule(
        IdleCount.ONE,
        "the refcount of a DAX page that nobody uses",
        "dax_layout_busy_page_range()",
        to(IdleCount.ZERO, Commit("38607c62b34b", "fs/dax: properly refcount fs dax pages", "v6.15-rc1", "V")),
    )

    dax_break_layout_final: bool = rule(
        False,
        "eviction of a DAX inode, as at umount, waits until none of its pages is in use",
        "dax_break_layout_final()",
        on(Commit("0e2f80afcfa6", "fs/dax: Ensure all pages are idle prior to filesystem unmount", "v6.15-rc1", "Vx")),
    )
