"""NO_STALE_FRAME_DMA: DMA stays out of free memory."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.mapped_file import FileDevice
from explorer.models.linux.memory import Memory


@always
def no_stale_frame_dma(mm: Memory, device: FileDevice) -> bool:
    """A page frame that a device is programmed with is not free.

    Harm: the device can write to a free page frame

    As long as the device is programmed, each frame of its translations has a reference.

    "it does guarantee that the page won't be freed completely" (mm/gup.c:__get_user_pages()).
    """
    return not device.programmed or all(
        mm.refcount[f] > 0 for page in device.pages.pages for f in mm.frames if device.translation[page] == f
    )
