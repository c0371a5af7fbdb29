"""A process reads another's memory through a pipe: CVE-2020-29374.

The child gives a page that it shares with its parent to a pipe, and unmaps it. With mapcount reuse the parent, now the
only one that maps the page, stores its secret in place, and the pipe has it. The same with roles swapped: the parent fills
the pipe before fork and unmaps the page afterwards, and the child stores.

| kernel | step | abstracted away |
|---|---|---|
| vmsplice_to_pipe() | those of GUP-fast for reading, FOLL_GET | SPLICE_F_GIFT |
| dup_mmap(), copy_page_range() | those of fork | |
| do_munmap() | down_write(); the entry, with its flush | |
| do_user_addr_fault(), do_wp_page() | those of a store that faults | |
| shrink_page_list() | those of reclaim, at any time (``-p swapped=on``) | more than one reclaim |
| do_swap_page() | look up; map | |
| pipe_read() | one | |

Sources: commits 17839856fd58 (v5.8), 09854ba94c6a (v5.9-rc4), 53a05ad9f21d (v5.18); tools/testing/selftests/mm/cow.c.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step
from explorer.models.linux.access import store
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import V4_19, V6_18, Kernel
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.pipe import Pipe
from explorer.models.linux.protect import munmap
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.swap import reclaim_page
from explorer.models.linux.swap_slots import Swap

FIXED: dict[str, object] = {"kernel": V6_18}


class By(Enum):
    CHILD = "child"
    PARENT = "parent"


def vmsplice_fork(*, kernel: Kernel = V4_19, by: By = By.CHILD, unmap: bool = True, swapped: bool = False) -> Model:
    """A pipe holds a page of one process; the other stores to the page it shared at fork.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        by: who gives the page to the pipe, unmaps it and reads the pipe: child, after fork, or parent, before it
        unmap: whoever filled the pipe unmaps the page
        swapped: the kernel may swap the page out, at any time
    """
    m = Model()
    memory = parent_memory(m, 4 if swapped else 3, 1, kernel, background=swapped, migrates=False)
    if swapped:
        Swap(m, memory, 1)
    history = StoreHistory(m, memory)
    fork = ForkCall(m, memory, Process.PARENT, Process.CHILD)
    pipe = Pipe(m, memory, Process.CHILD if by is By.CHILD else Process.PARENT)

    @m.thread("parent")
    async def parent() -> None:
        if by is By.PARENT:
            await pipe.vmsplice()
        await fork.dup_mmap()
        if by is By.CHILD:
            await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)
        else:
            if unmap:
                await munmap(memory, Process.PARENT, 0)
            await pipe.pipe_read()

    @m.thread("child")
    async def child() -> None:
        await step("ret_from_fork", when=lambda: memory.running[Process.CHILD])
        if by is By.CHILD:
            await pipe.vmsplice()
            if unmap:
                await munmap(memory, Process.CHILD, 0)
            await pipe.pipe_read()
        else:
            await store(memory, Cpu.CHILD, 0, Half.LOW, Value.CHILD, Writer.CHILD)

    if swapped:

        @m.thread("kswapd")
        async def kswapd() -> None:
            await reclaim_page(memory, 0)

    writer = Writer.PARENT if by is By.CHILD else Writer.CHILD
    m.reachable("stores_while_in_pipe", lambda: pipe.filled and history.written_since_fork_by(writer))
    m.reachable(
        "pipe_has_the_last_reference",
        lambda: any(
            pipe.can_read(pipe.held.process, 0, f) and memory.refcount[f] == 1 and memory.mapcount[f] == 0
            for f in memory.frames
        ),
        unless="" if unmap else "whoever filled the pipe still maps the page",
    )
    m.reachable("all_done", lambda: child.finished and parent.finished)
    m.scope = "order-0 anonymous pages; 2 processes, 1 page, 1 pipe"
    return m
