"""What a memory and its page cache are made for: who runs, what it holds, how it starts, what there is beside page tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.models.linux.page_cache import Filesystem


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """Who runs.

    `processes`, `cpus`: Enum classes. `runs`: each CPU, named by the thread that it runs, with that thread's process. `running`:
    the processes that run at the start. `readers`: how many threads of a process can be in a fault or in GUP at once. `forks`: of
    each process, at most.
    """

    processes: type[Enum]
    cpus: type[Enum]
    runs: tuple[tuple[Enum, Enum], ...]
    running: tuple[Enum, ...]
    readers: int = 1
    forks: int = 1


@dataclass(frozen=True, kw_only=True)
class Data:
    """What a page holds: Enum classes, `bytes` and `values`, of which the first is zero. `old`: what a byte of the frame of that
    number holds at the start."""

    bytes: type[Enum]
    values: type[Enum]
    old: Callable[[int, Enum], Enum]


@dataclass(frozen=True, kw_only=True)
class AtStart:
    """What is mapped at the start.

    `vma`: whether a process has the page. `frame`: the number of the frame that it maps there, writable, or None. `warm`: the
    CPUs whose TLBs hold the entries. `read_only`: no VMA allows stores. `cached`: the numbers of the frames that the page cache
    holds.
    """

    vma: Callable[[Enum, int], bool]
    frame: Callable[[Enum, int], int | None]
    warm: tuple[Enum, ...] = ()
    read_only: bool = False
    cached: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Files:
    """The files that a page cache is of.

    `pages`: the file of each file page. `filesystem`: of a file. `cached`: the number of the frame that holds each file page at
    the start, or None. `content`: of each byte of a file page on disk. `holes`: file pages without a block. `free_blocks`: how
    many there are for holes and new extents; None: enough.
    """

    pages: tuple[Enum, ...]
    filesystem: Callable[[Enum], Filesystem]
    cached: tuple[int | None, ...]
    content: Callable[[int, Enum], Enum]
    holes: tuple[int, ...] = ()
    free_blocks: int | None = None


@dataclass(frozen=True, kw_only=True)
class FileVmas:
    """`vm_page`: the file page that a process maps at a page, or None for anonymous memory. `shared`: with MAP_SHARED. `remaps`:
    mmap() or fork change what is mapped."""

    vm_page: Callable[[Enum, int], int | None]
    shared: Callable[[Enum, int], bool]
    remaps: bool = True


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`references`, `pins`: the most that a frame can have. `enough`: nothing runs out; who finds no frame or slot is held up,
    and the answer says so, where else the kernel may give up."""

    references: int = 8
    pins: int = 2
    enough: bool = False


@dataclass(frozen=True, kw_only=True)
class Features:
    """What there is beside page tables. What is absent has no state.

    `zero_page`: a read fault on an absent anonymous page maps the zero page, which is the last frame; without it such a read
    gives zero and maps nothing. `background`: reclaim, KSM or migration act on the pages, which hold the page table lock over
    several steps. `migrates`: there may be migration entries; None: if there is `background`. `moves`: mremap() may move pages
    while `background` looks for them; None: if there are several pages. `deferred`: userfaultfd, NUMA hints or MADV_DONTNEED
    change entries, and flush TLBs later, under mmap_lock for reading. `bits`: of entries, those of userfaultfd and NUMA hints
    that something sets; None: both, if anything is `deferred`.
    """

    zero_page: bool = False
    background: bool = False
    migrates: bool | None = None
    moves: bool | None = None
    deferred: bool = False
    bits: tuple[str, ...] | None = None


NOTHING_ELSE, USUAL = Features(), Limits()
