"""What keeps a pinned page in its process, as lemmas: rules that the kernel keeps in every state once fork copies pinned pages.

Sources: commits 70e806e4e645 (v5.9), 57efa1fe5957 (v5.11), 6c287605fd56 (v5.19).
"""

from __future__ import annotations

from explorer.language import Model
from explorer.models.linux.devices import Device
from explorer.models.linux.memory import Frame, Memory, Pte, maps


def pin_lemmas(m: Model, memory: Memory, device: Device) -> None:
    """The lemmas about what a device has pinned for writing, for `explore prove --property pinned_page_stays`."""
    region = device.pages

    def holds(page: int, frame: Frame) -> bool:
        return device.programmed and region.frame[page] == frame

    # set_pte_at() comes with page_add_rmap(), ptep_clear_flush() with page_remove_rmap(): under the page table lock
    m.lemma(
        "mapcount_is_entries",
        lambda: all(
            memory.mapcount[f]
            == sum(maps(memory.pte[process, page], f) for process in memory.processes for page in memory.pages)
            for f in memory.frames
        ),
    )
    # a mapping and a pin are references of their own: put_page() frees nothing that is mapped or pinned
    m.lemma(
        "references_cover_mappings_and_pins",
        lambda: all(memory.refcount[f] >= memory.mapcount[f] + memory.pins[f] for f in memory.frames),
    )
    # try_grab_page() counts FOLL_PIN, unpin_user_page() alone takes it back: page_maybe_dma_pinned() sees a device's page
    m.lemma(
        "devices_page_is_pinned",
        lambda: all(
            memory.pins[f] > 0 for page in region.pages for f in memory.frames if region.foll_pin() and holds(page, f)
        ),
    )
    # copy_present_page() copies a pinned page for the child; the parent's entry stays writable, so no store faults on it
    m.lemma(
        "devices_page_stays_writable",
        lambda: all(
            memory.pte[device.process, page] == Pte(f, True)
            for page in region.pages
            for f in memory.frames
            if holds(page, f)
        ),
    )
    # page_try_dup_anon_rmap() refuses a pinned page: PG_anon_exclusive goes with no pin on it
    m.lemma(
        "devices_page_is_exclusive",
        lambda: all(
            memory.anon_exclusive[f]
            for page in region.pages
            for f in memory.frames
            if memory.tracks_exclusive() and holds(page, f)
        ),
    )
