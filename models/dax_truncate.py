"""A process has a file on DAX as the buffer of its device; somebody truncates the file.

The question of the mails: the page that the device writes to *is* the storage block. Who may take it away, and when?

| kernel | step | abstracted away |
|---|---|---|
| ib_umem_get(), GUP-fast, GUP | one for each access to what others change | mmap_lock |
| dax_iomap_fault() | invalidate_lock; ->iomap_begin(); the entry | transactions |
| the device | translate; the write arrives: one DMA in flight | what it writes |
| ftruncate(), fallocate() | inode lock; invalidate_lock; unmap, look, wait; i_size; free | the journal |
| ib_dereg_mr(), do_exit() | destroy the region; drain; unpin | |
| another file of the filesystem | it takes a free block, at any time | |

A process registers its region once, and there is one truncate. What a user decides (to let go) has no fairness, unless
``-p user_unpins=eventually`` or ``when_told`` gives it some; kernel threads, devices and system calls go on.

Sources: Linux v4.19 to v6.8 (fs/dax.c, fs/xfs/xfs_file.c, fs/ext4/inode.c, mm/gup.c, kernel/exit.c); commits
5fac7408d828, 430657b6be89; D. Chinner, "get_user_pages*() and RDMA: first steps", 2018-10-01; J. Glisse, J. Gunthorpe,
J. Hubbard, "mm: introduce put_user_page*()", 2018-12-12.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model
from explorer.models.linux.break_layouts import Truncate
from explorer.models.linux.designs import Design, TruncateInUse
from explorer.models.linux.designs import design as design_named
from explorer.models.linux.kernels import V5_4, Kernel
from explorer.models.linux.region_holder import UserUnpins, holder_actors, not_applicable, region_holder
from explorer.models.linux.storage import Fs, Owner, Storage
from explorer.models.linux.storage_device import ErrorTlp

NONE = design_named("none")
FIXED: dict[str, object] = {"design": design_named("odp")}
NECESSITY = (
    {"design": "odp+lease_exclusive"},  # truncate is refused only while somebody has a lease
    {"kernel": "v5.4+refuse_longterm_dax=off"},
)
PROPERTIES = (
    "pin_allowed",
    "truncate_progress",
    "truncate_not_refused",
    "app_survives",
    "no_silent_dma_loss",
    "no_stale_storage_dma",
    "gup_progress",
)


class Call(Enum):
    TRUNCATE = "truncate"
    PUNCH_HOLE = "punch_hole"


def dax_truncate(
    *,
    design: Design = NONE,
    kernel: Kernel = V5_4,
    fs: Fs = Fs.XFS,
    call: Call = Call.TRUNCATE,
    gup_fast: bool = True,
    user_unpins: UserUnpins = UserUnpins.PERHAPS,
    error_tlp: ErrorTlp = ErrorTlp.FATAL,
    fd_shared: bool = False,
    signal: bool = False,
    io_again: bool = False,
) -> Model:
    """A process has a file on DAX as the buffer of its device; somebody truncates the file.

    Parameters:
        design: what is done about it; joined by +, as lease+iommu_abort
        kernel: supplies what the design leaves open, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        fs: xfs or ext4, whose truncate waits for pages in use from v4.18 and v4.19
        call: truncate or punch_hole; after a hole is punched the file has a new block when it is touched again
        gup_fast: the pin tries GUP-fast first
        user_unpins: perhaps (when it likes, or never), when_told (some time after it was told) or eventually
        error_tlp: an aborted DMA is reported, fatal (takes the device down) or ignored (its completion says success)
        fd_shared: another process has the device's file open too, by fork or SCM_RIGHTS
        signal: the caller of truncate may get a signal
        io_again: with design=odirect, the process does direct I/O over and over
    """
    m = Model()
    storage = Storage(m, design.kernel(kernel), fs=fs)
    holder = region_holder(m, storage, design, error_tlp=error_tlp, fd_shared=fd_shared, again=io_again)
    truncate = Truncate(m, storage, (holder,), design, punch=call is Call.PUNCH_HOLE)

    holder_actors(m, holder, user_unpins, fast=gup_fast)

    @m.thread("truncate", fairness="weak")
    async def run_truncate() -> None:
        await truncate.run()

    if design.truncate is TruncateInUse.DEFERS:

        @m.thread("kworker", fairness="weak")
        async def kworker() -> None:
            await truncate.free_later()

    if signal:

        @m.action("signal", actor="truncate", when=lambda: not truncate.signal)
        def send_signal() -> None:
            truncate.signal = True

    @m.thread("other_file")
    async def other_file() -> None:
        await storage.grow_another_file()

    m.excludes = not_applicable(design, PROPERTIES)
    device, pin = holder.device, holder.asks  # what a refused pin makes impossible is as good as reached
    m.reachable(
        "dma_in_flight_meets_truncate", lambda: truncate.called and (device.in_flight is not None or pin.refused)
    )
    m.reachable("truncate_meets_the_region", lambda: truncate.called and (device.programmed or pin.refused))
    m.reachable("truncate_frees", lambda: truncate.freed)
    m.reachable("another_file_has_the_block", lambda: all(storage.owner[b] == Owner.OTHER_FILE for b in storage.blocks))
    m.scope = "order-0 pages; 1 process, 1 page of DAX, 1 truncate"
    return m
