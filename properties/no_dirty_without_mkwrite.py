"""WRITE_NOTIFY: a filesystem hears of every page before it becomes dirty."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.page_cache import PageCache


@always
def no_dirty_without_mkwrite(cache: PageCache) -> bool:
    """A page of a file is written to, and becomes dirty, only after ->page_mkwrite() since it was last clean.

    Harm: the filesystem does not know that its page has changed

    Every change of a page in the page cache, by a store or by DMA, happens while the page is prepared and dirty; and no page
    goes from clean to dirty but in ->page_mkwrite(). It speaks of filesystems that write pages back (not tmpfs, not DAX), as
    long as the page has not left its file.

    "calling set_page_dirty() on a file backed mapped page without first having called ->page_mkwrite() is a bug" (D.
    Chinner, 2018-10-01, get_user_pages*() and RDMA: first steps).
    """
    return not cache.unnotified
