"""NO_STALE_FRAME_DMA: DMA stays out of free memory."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.mapped_file import FileDma
from explorer.models.linux.memory import Memory


@always
def no_stale_frame_dma(memory: Memory, device: FileDma) -> bool:
    """A page frame that a device can write to is not free.

    Harm: the device can write to a free page frame

    Each frame that DMA of the device may go to, by what it is programmed with or has looked up, has a reference: the device's
    own, or the page cache's.

    "it does guarantee that the page won't be freed completely" (mm/gup.c:__get_user_pages()).
    """
    return not any(memory.refcount[f] == 0 and device.reaches(f) for f in memory.frames)
