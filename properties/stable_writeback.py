"""STABLE_WB: what is written is what was summed."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.page_cache import PageCache


@always
def stable_writeback(cache: PageCache) -> bool:
    """Where the device needs stable pages, what it reads of a page is what the checksum was made of.

    Harm: checksum and data on disk differ: reading the page will fail

    For every byte of a file page that is not under writeback: what is on disk has the checksum that is on disk. So a copy
    that is summed and written is as good as the page itself. It speaks where the mapping needs stable writes.

    "after page_mkclean() all filesystem expect that the page content is stable (ie no one write to the page)" (J. Glisse,
    uacce: Add documents for WarpDrive/uacce, 2018-11-19).
    """
    return not cache.stable_writes or all(
        cache.sum[i, byte] == cache.disk[i, byte]
        for i in cache.file_pages
        for byte in cache.memory.bytes
        if not cache.under_writeback(i)
    )
