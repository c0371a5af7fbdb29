"""UMOUNT_PROGRESS: umount comes to an end."""

from __future__ import annotations

from explorer.language import leads_to
from explorer.models.linux.break_layouts import Umount


@leads_to
def umount_progress(umount: Umount) -> tuple[bool, bool]:
    """Once the users are killed, or nobody maps the file, umount returns and the storage is free.

    Harm: umount waits for ever for who holds the page, or the storage is never free

    `no_stale_storage_dma` is the other half: no DMA to the storage after it.

    "as long as we specify that the acceptable consequence of doing, say, umount on a filesystem that has active DMA
    happening is that the associated processes get killed, then we're going to be OK." (J. Hubbard, "mm: introduce
    put_user_page*()", 2018-12-12).
    """
    return umount.called, umount.returned and umount.freed
