"""NO_STALE_STORAGE_DMA: a device does not write to storage that was given to somebody else."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.storage import Storage


@always
def no_stale_storage_dma(storage: Storage) -> bool:
    """A device never writes to a block that is free or another file's.

    Harm: the device writes to storage that is no longer the file's

    No DMA write has arrived in a block of storage that, in that step, was free or belonged to another file than the one
    whose mapping was pinned. A block that a file has lost and that is not free yet may be written to. Pages of the page cache
    are not blocks: there it holds always.

    "a use after free of the physical storage that the filesystem cannot control" (D. Chinner, "get_user_pages*() and RDMA:
    first steps", 2018-10-01).
    """
    return not storage.stale
