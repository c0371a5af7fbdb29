"""PIN_STABLE_W: a page pinned for writing stays with the process."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.devices import Device
from explorer.models.linux.memory import Memory, maps, pte_present


@always
def pinned_page_stays(memory: Memory, device: Device) -> bool:
    """A page that a device holds for DMA stays the page its process maps.

    Harm: the process maps another page than the one the device holds

    For every page of a programmed region: the page table entry of the process that registered it names the frame the
    device has. It speaks from the step in which GUP returned until the pages are released, about whichever reference
    the kernel gives a driver (FOLL_GET before v5.6). An absent entry says nothing: it is a fault in progress, or the
    process unmapped the page itself.

    "once a process as done pin_user_pages() the physical page stays with the process" (J. Gunthorpe, 2020-09-15, mm:
    Trial do_wp_page() simplification); "pages under a FOLL_PIN will not be write protected during COW for fork" (commit
    57efa1fe5957).
    """
    return not device.programmed or all(
        maps(memory.pte[device.pages.process, page], f) or not pte_present(memory.pte[device.pages.process, page])
        for page in device.pages.pages
        for f in memory.frames
        if device.pages.frame[page] == f
    )
