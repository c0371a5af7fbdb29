"""NO_LOST_DMA: what was received is there."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.devices import DmaWriter
from explorer.models.linux.memory import Memory
from explorer.models.linux.parent_child import ForkHistory, Half, Value, Writer


@always
def no_lost_dma(memory: Memory, history: ForkHistory, device: DmaWriter) -> bool:
    """What a device wrote and reported complete is what the owner of the memory reads.

    Harm: the owner does not read what the device wrote and completed

    For every half page whose last write, by the owner's CPUs or by the device through the owner's region, was the
    device's: a load by the owner would return it. It speaks from the completion on, also after the pages are released,
    about loads through the page table or a TLB; while an entry is absent (a fault in progress) it says nothing.

    "the application will never see any data hardware DMA's into this page after the COW" (commit f822566165dd);
    "Symptoms look to be like the DMA's are not arriving." (J. Gunthorpe, 2020-09-15, mm: Trial do_wp_page()
    simplification).
    """
    return not device.completed or all(
        memory.data[f, half] == Value.DEVICE
        for page in memory.pages
        for half in Half
        for f in memory.frames
        if history.last_writer[page, half] == Writer.DEVICE and memory.can_read(device.process, page, f)
    )
