"""EXCL_INV: PG_anon_exclusive means what it says."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.memory import Memory, maps, maps_writable
from explorer.models.linux.stores import StoreHistory


@always
def anon_exclusive(memory: Memory, history: StoreHistory) -> bool:
    """An anonymous page that is writable, or pinned for a device, is exclusive; an exclusive page is of one process.

    Harm: a page counts as one process's and is not

    For every anonymous page: an entry that makes it writable, or a device that is programmed with it as FOLL_PIN, needs
    the mark; with the mark, at most one process maps it. Kernels before v5.19 have no such mark. A pin that GUP-fast
    gives back at once is not yet a device's.

    "anon pages that may be shared must never be writable" (v6.8, include/linux/rmap.h)
    """
    return not memory.tracks_exclusive() or all(
        not memory.is_anon(f)
        or (
            sum(any(maps(memory.pte[p, page], f) for page in memory.pages) for p in memory.processes) <= 1
            if memory.anon_exclusive[f]
            else not any(maps_writable(memory.pte[p, page], f) for p in memory.processes for page in memory.pages)
            and not any(device.has_pinned(f) for device in memory.devices)
        )
        for f in memory.frames
    )
