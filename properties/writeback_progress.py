"""WB_PROGRESS: writeback finishes."""

from __future__ import annotations

from explorer.language import leads_to
from explorer.models.linux.mapped_file import Fsync


@leads_to
def writeback_progress(fsync: Fsync) -> tuple[bool, bool]:
    """fsync() returns, whoever has pinned pages of the file.

    Harm: fsync waits for ever

    Each call of fsync() returns, on every run in which kernel threads and devices go on. That the user unpins what is pinned
    is not among what is assumed, unless the model says so (``user_unpins=eventually``).

    "blocking e.g. writeback for hours because some RDMA app used a file mapping as a buffer simply is not acceptable" (J.
    Kara, LSF/MM topic "get_user_pages() and file mappings", January 2018).
    """
    return fsync.called, not fsync.called
