"""PIN_STABLE_R: a page pinned for reading stays with the process."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.devices import ReadingDevice
from explorer.models.linux.memory import Memory, maps, pte_present


@always
def pinned_page_stays_read(memory: Memory, device: ReadingDevice) -> bool:
    """A page that a device holds to read from stays the page its process maps.

    Harm: the process maps another page than the one the device reads

    As `pinned_page_stays`, of what was taken without FOLL_WRITE. Kernels promise it since v5.19.

    "any write fault on the page table entry will end up replacing the mapped anonymous page due to COW, resulting in the
    GUP pin no longer being consistent with the page actually mapped into the page table." (commit a7f226604170)
    """
    return not device.programmed or all(
        maps(memory.pte[device.pages.process, page], f) or not pte_present(memory.pte[device.pages.process, page])
        for page in device.pages.pages
        for f in memory.frames
        if device.pages.frame[page] == f
    )
