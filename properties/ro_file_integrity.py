"""RO_FILE_INTEGRITY: who may not write a file does not."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.page_cache import PageCache


@always
def ro_file_integrity(cache: PageCache) -> bool:
    """A page of a file in the page cache changes only while some process maps it shared.

    Harm: a file is changed through a mapping that does not allow it

    No store, DMA or write by the kernel on a user's behalf reaches a page of a file that no process maps with MAP_SHARED: what
    is written through a private mapping goes to a copy.

    "in a COW mapping, we really only broke COW if we have an exclusive anonymous page mapped" (commit 5535be309971).
    """
    return not cache.trespassed
