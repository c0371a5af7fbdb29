"""COMMITTED_IMMUTABLE: copy-on-write filesystems write to new extents."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.page_cache import PageCache


@always
def committed_extent_immutable(cache: PageCache) -> bool:
    """Writeback of a copy-on-write filesystem never writes to an extent that is shared or committed.

    Harm: an extent that is shared or committed is overwritten

    A page that ->page_mkwrite() has not prepared since it was last clean has no new extent: if writeback takes it, it goes to
    the one the page was read from. It speaks of copy-on-write filesystems.

    "copy-on-write filesystems like btrfs simply don't work if they can't trigger COW on mapped write accesses" (D. Chinner,
    2018-10-01, get_user_pages*() and RDMA: first steps).
    """
    return not cache.overwritten
