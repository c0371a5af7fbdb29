"""NO_DIRTY_LOSS: what was written to a page gets to disk."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.page_cache import PageCache


@always
def no_dirty_loss(cache: PageCache) -> bool:
    """A page that nobody holds any more and that is clean is on disk as it was last written.

    Harm: data is in no dirty page and not on disk: it is lost

    For every byte of a file page: if the page is not in memory, or is neither dirty (nor an entry of it), nor under
    writeback, nor locked, nor held by anybody but the page cache and its mappings, then the disk holds what a store
    or DMA last wrote to it, and so does the page. While a device still has the page it says nothing: it may yet
    mark it dirty. Truncation discards what is not on disk.

    "a write access could in theory end up losing the dirty bit" (commit 4ceb5db9757a).
    """
    return all(
        cache.newest[i, byte] == cache.disk[i, byte] and cache.on_disk_as_in_memory(i, byte)
        for i in cache.file_pages
        for byte in cache.memory.bytes
        if cache.written_back[i] and cache.at_rest(i)
    )
