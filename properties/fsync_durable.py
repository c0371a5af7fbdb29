"""What fsync() has promised is on disk."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.mapped_file import Fsync


@always
def fsync_durable(fsync: Fsync) -> bool:
    """When fsync() has returned, what was written to the page before it was called is on disk.

    Harm: fsync has returned, and what was written before it was called is not on disk

    For every byte that a store or DMA wrote before the call, and that nobody has written to since: the disk holds it when
    the call returns. What is written during the call may be there or not.

    fsync(2): the call "transfers ... all modified in-core data of (i.e., modified buffer cache pages for) the file" and
    "blocks until the device reports that the transfer has completed". What a design makes of it for a page that stays pinned
    is one of the questions of J. Kara's LSF/MM topic (January 2018).
    """
    return not fsync.false
