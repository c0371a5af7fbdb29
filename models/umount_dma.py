"""A filesystem is unmounted while a device may still write to a file of it; its users are killed first, or are not.

| kernel | step | abstracted away |
|---|---|---|
| ib_umem_get(), GUP-fast, GUP, dax_iomap_fault() | one for each access to what others change | mmap_lock |
| munmap() by another thread, and closing the file | the entry; the region stays | |
| fuser -k: SIGKILL | one | who finds the users |
| do_exit() | exit_mm(); exit_files(); the last close of the device's file: destroy the region, drain, unpin | |
| umount(2) | -EBUSY while the file is mapped or leased; evict() | other files, the log, MNT_DETACH |
| evict() | DAX: wait for pages in use, from v6.15; give up the block | writeback |
| who gets the storage then | it takes a free block, at any time | |

Between exit_mm(), which lets umount go on, and the end of the region, DMA goes on. Pages of the page cache (``-p dax=off``)
go on as orphans, which is no harm to storage.

Sources: Linux v4.19 to v6.8 (kernel/exit.c, fs/namespace.c, fs/inode.c, fs/dax.c, drivers/infiniband/core/umem.c); commit
0e2f80afcfa6; J. Hubbard, "mm: introduce put_user_page*()", 2018-12-12.
"""

from __future__ import annotations

from explorer.language import Model, step
from explorer.models.linux.break_layouts import Umount
from explorer.models.linux.designs import Design, TruncateInUse
from explorer.models.linux.designs import design as design_named
from explorer.models.linux.kernels import V5_4, Kernel
from explorer.models.linux.region_holder import UserUnpins, holder_actors, not_applicable, region_holder
from explorer.models.linux.storage import Fs, Owner, Storage
from explorer.models.linux.storage_device import ErrorTlp

NONE = design_named("none")
FIXED: dict[str, object] = {"design": design_named("odp")}
NECESSITY = (
    {"design": "dummy_page"},  # the users are dead before their DMA gets lost
    {"design": "iommu_abort", "kill_users": "off", "munmaps": "off"},  # a filesystem with users is not unmounted
)
PROPERTIES = (
    "pin_allowed",
    "umount_progress",
    "app_survives",
    "no_silent_dma_loss",
    "no_stale_storage_dma",
    "gup_progress",
)


def umount_dma(
    *,
    design: Design = NONE,
    kernel: Kernel = V5_4,
    dax: bool = True,
    kill_users: bool = True,
    munmaps: bool = True,
    gup_fast: bool = True,
    user_unpins: UserUnpins = UserUnpins.PERHAPS,
    error_tlp: ErrorTlp = ErrorTlp.FATAL,
    fd_shared: bool = False,
) -> Model:
    """A filesystem is unmounted while a device may still write to a file of it; its users are killed first, or are not.

    Parameters:
        design: what is done about blocks that a device may write to; joined by +, as wait+lease
        kernel: supplies what the design leaves open, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        dax: a page is a block; off: the file is in the page cache
        kill_users: the administrator kills the users before umount
        munmaps: another thread of the process may unmap and close the file, and keep the region
        gup_fast: the pin tries GUP-fast first
        user_unpins: perhaps (when it likes, or never), when_told (as perhaps, nobody is told here) or eventually
        error_tlp: an aborted DMA is reported, fatal (takes the device down) or ignored (its completion says success)
        fd_shared: another process has the device's file open too, by fork or SCM_RIGHTS
    """
    m = Model()
    storage = Storage(m, design.kernel(kernel), fs=Fs.XFS, dax=dax)
    holder = region_holder(m, storage, design, error_tlp=error_tlp, fd_shared=fd_shared)
    umount = Umount(m, storage, (holder,), design)

    holder_actors(m, holder, user_unpins, fast=gup_fast)

    if munmaps:

        @m.thread("thread2", fairness="weak")
        async def thread2() -> None:
            await step("munmap", when=lambda: not holder.user.killed, voluntary=True, may_wait=True)
            await holder.munmap()

    @m.thread("umount", fairness="weak")
    async def run_umount() -> None:
        await umount.run(kill_users)

    if design.truncate is TruncateInUse.DEFERS:

        @m.thread("kworker", fairness="weak")
        async def kworker() -> None:
            await umount.free_later()

    @m.thread("next_user")
    async def next_user() -> None:
        await storage.grow_another_file()

    m.excludes = not_applicable(design, PROPERTIES)
    if kill_users:
        m.excludes.setdefault("app_survives", "the administrator kills the process")
    never = "" if kill_users or munmaps else "the file stays mapped: umount fails with -EBUSY"
    device, pin = holder.device, holder.asks  # what a refused pin makes impossible is as good as reached
    m.reachable("umount_meets_the_region", lambda: umount.called and (device.programmed or pin.refused), unless=never)
    m.reachable("umount_returns", lambda: umount.returned, unless=never)
    m.reachable(
        "the_next_user_has_the_block",
        lambda: all(storage.owner[b] == Owner.OTHER_FILE for b in storage.blocks),
        unless=never,
    )
    m.scope = f"order-0 pages; 1 process, 1 page of {'DAX' if dax else 'the page cache'}, 1 umount"
    return m
