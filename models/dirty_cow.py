"""A read-only file is written to through a private mapping: Dirty COW (CVE-2016-5195) and what came after it.

A debugger's write to memory that the process may only read breaks COW first, and then looks the page up again. Between the
two, MADV_DONTNEED throws the copy away, and the look-up finds the page of the file.

| kernel | step | abstracted away |
|---|---|---|
| __get_user_pages() with FOLL_FORCE | down_read(); follow_page_mask(); a fault | VM_FAULT_RETRY |
| do_fault(), do_cow_fault(), do_wp_page() | those of faults | |
| copy_to_user_page() | one, with put_page() | |
| MADV_DONTNEED | down_read(); the entry, with its flush | |
| UFFDIO_CONTINUE | down_read(); the entry | |

CVE-2017-1000405 (huge zero page) needs huge pages and is not here.

Sources: commits 19be0eaffa3a (v4.8.3), 9ae0f87d009c (v5.16), 5535be309971 (v6.0, v5.19.6; CVE-2022-2590).
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model
from explorer.models.linux.access import load
from explorer.models.linux.foll_force import ForcedWrite
from explorer.models.linux.kernels import V4_19, Kernel
from explorer.models.linux.kernels import kernel as named
from explorer.models.linux.one_process import Mapped, one_process, vmas_of
from explorer.models.linux.page_cache import Filesystem, PageCache
from explorer.models.linux.protect import madvise_dontneed
from explorer.models.linux.shape import Data, Features, Files
from explorer.models.linux.userfault import mcontinue_atomic_pte
from explorer.properties.ro_file_integrity import ro_file_integrity

BEFORE_V4_8_3 = named("v4.15+foll_force=drops_foll_write")
FIXED: dict[str, object] = {"kernel": V4_19}


class Process(Enum):
    DEBUGGER = "debugger"


class Cpu(Enum):
    WRITES = "writes"
    DROPS = "drops"


class Byte(Enum):
    BYTE = "byte"


class Value(Enum):
    ZERO = "zero"
    FILE = "file"
    FORCED = "forced"


class File(Enum):
    FILE = "file"


class Then(Enum):
    NOTHING = "nothing"
    LOAD = "load"
    UFFD_CONTINUE = "uffd_continue"


def dirty_cow(*, kernel: Kernel = BEFORE_V4_8_3, then: Then = Then.NOTHING) -> Model:
    """One thread writes to a read-only private file mapping through /proc/self/mem; another drops the page.

    Parameters:
        kernel: whose rules hold; the default is v4.15 with the rule of v4.8.2, +foll_force=drops_foll_write
        then: what the other thread does after MADV_DONTNEED, nothing, load, or uffd_continue (maps the page of the file)
    """
    m = Model()
    pages = (Mapped.PRIVATE,)
    memory = one_process(
        m,
        kernel,
        Process,
        Cpu,
        pages,
        Data(bytes=Byte, values=Value, old=lambda number, byte: Value.FILE),
        frames=4,
        cached=(0,),
        read_only=True,
        features=Features(deferred=True, bits=()),
    )
    cache = PageCache(
        m,
        memory,
        Files(
            pages=(File.FILE,),
            filesystem=lambda file: Filesystem.TMPFS if then is Then.UFFD_CONTINUE else Filesystem.EXT4,
            cached=(0,),
            content=lambda i, byte: Value.FILE,
        ),
        vmas_of(pages),
    )
    forced = ForcedWrite(m, memory, Process.DEBUGGER)

    @m.thread("writes")
    async def writing() -> None:
        await forced.access_remote_vm(0, Byte.BYTE, Value.FORCED, Process.DEBUGGER)

    @m.thread("drops")
    async def dropping() -> None:
        await madvise_dontneed(memory, Process.DEBUGGER, 0)
        if then is Then.LOAD:
            await load(memory, Cpu.DROPS, 0)
        if then is Then.UFFD_CONTINUE:
            await mcontinue_atomic_pte(memory, Process.DEBUGGER, 0)

    m.require(ro_file_integrity(cache))
    m.reachable(
        "copy_was_dropped",
        lambda: any(forced.frame[0] == f and memory.mapcount[f] == 0 and memory.is_anon(f) for f in memory.frames),
    )
    m.reachable("all_done", lambda: writing.finished and dropping.finished)
    m.scope = "order-0 pages; 1 process, 2 threads, 1 page of a private file mapping"
    return m
