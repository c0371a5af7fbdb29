"""One process with some threads, and a few pages: anonymous, of a file, swapped out, or not there.

What most races of files and of one process begin with::

    memory = one_process(m, kernel, Process, Cpu, (Mapped.ANONYMOUS, Mapped.SHARED), Data(...), frames=3, cached=(1,))
    cache = PageCache(m, memory, Files(..., cached=(1,)), vmas_of((Mapped.ANONYMOUS, Mapped.SHARED)))
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from explorer.errors import UsageError
from explorer.language import Model, Scalarset
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.memory import Frame, Memory
from explorer.models.linux.shape import NOTHING_ELSE, AtStart, Data, Features, FileVmas, Tasks
from explorer.models.linux.swap_slots import Swap

if TYPE_CHECKING:
    from explorer.models.linux.routines import Routines


class Mapped(Enum):
    """What a page of the process is at the start. ANONYMOUS: present and writable. SHARED, PRIVATE: a mapping of the next file
    page, absent. SWAPPED: anonymous, in a swap slot. NOTHING: no VMA has it."""

    ANONYMOUS = "anonymous"
    SHARED = "shared"
    PRIVATE = "private"
    SWAPPED = "swapped"
    NOTHING = "nothing"


def one_process(
    m: Model,
    kernel: Kernel,
    process: type[Enum],
    threads: type[Enum],
    pages: tuple[Mapped, ...],
    data: Data,
    *,
    frames: int,
    cached: tuple[int, ...] = (),
    read_only: bool = False,
    features: Features = NOTHING_ELSE,
    routines: Routines | None = None,
) -> Memory:
    """The memory of the one process in `process`, with the threads in `threads`; a swap slot for each page that is swapped out.

    `frames`: how many there are. `cached`: the numbers of those that a page cache holds; anonymous pages have the first others.
    `features`, `routines`: as for `Memory`.

    Raises UsageError for fewer frames than are in use at the start.
    """
    (only,) = process
    free = [number for number in range(frames) if number not in cached]
    anonymous = [page for page, mapped in enumerate(pages) if mapped is Mapped.ANONYMOUS]
    if len(free) < len(anonymous) or any(number >= frames for number in cached):
        raise UsageError(f"frames must be {len(anonymous) + len(cached)} or more, not {frames}")
    frame_at = dict(zip(anonymous, free, strict=False))
    memory = Memory(
        m,
        kernel,
        frames=Scalarset(Frame, frames),
        pages=len(pages),
        tasks=Tasks(
            processes=process,
            cpus=threads,
            runs=tuple((thread, only) for thread in threads),
            running=(only,),
            readers=len(threads),
        ),
        data=data,
        start=AtStart(
            vma=lambda process, page: pages[page] is not Mapped.NOTHING,
            frame=lambda process, page: frame_at.get(page),
            read_only=read_only,
            cached=cached,
        ),
        features=features,
        routines=routines,
    )
    out = tuple((only, page) for page, mapped in enumerate(pages) if mapped is Mapped.SWAPPED)
    if out:
        Swap(m, memory, len(out), out, data.old)
    return memory


def vmas_of(pages: tuple[Mapped, ...], *, remaps: bool = True) -> FileVmas:
    """The mappings of files among the pages: the first is of file page 0, the next of 1. `remaps`: as `FileVmas` has it."""
    files = [page for page, mapped in enumerate(pages) if mapped in (Mapped.SHARED, Mapped.PRIVATE)]
    return FileVmas(
        vm_page=lambda process, page: files.index(page) if page in files else None,
        shared=lambda process, page: pages[page] is Mapped.SHARED,
        remaps=remaps,
    )
