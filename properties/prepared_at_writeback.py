"""PREPARED_AT_WB: what writeback meets, it can write."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.page_cache import PageCache


@always
def prepared_at_writeback(cache: PageCache) -> bool:
    """A dirty page that writeback takes has been prepared for it by the filesystem.

    Harm: writeback meets a dirty page without buffers, reservation or extent of its own

    When writeback clears the dirty bit of a page, the page is prepared: buffers are attached, or a block is reserved, or
    copy-on-write was done. What a filesystem does about a page that is not is its own: a kernel BUG, a warning and lost data,
    -ENOSPC, a write into an extent that is shared.

    "delayed allocation, unwritten extents and ENOSPC had to be handled before mapped writes could be posted" (D. Chinner,
    2018-10-01, get_user_pages*() and RDMA: first steps).
    """
    return not cache.unprepared
