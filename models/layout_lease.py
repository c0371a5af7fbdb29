"""Processes take layout leases on a file on DAX before they pin it; somebody truncates it, perhaps one of them.

The lease was proposed in 2019 and not merged. What is asked of it: whether truncate ends, whom it binds, what it protects.

| kernel | step | abstracted away |
|---|---|---|
| fcntl(F_SETLEASE), F_UNLCK (proposed) | one each, not while truncate has the inode lock | F_LAYOUT |
| ib_umem_get(), GUP-fast, GUP, dax_iomap_fault() | one for each access to what others change | mmap_lock |
| break_lease() (proposed) | tell the holders; unlock; wait; lock; look again | |
| ftruncate() | inode lock; leases; invalidate_lock; unmap, look, wait; i_size; free | the journal |
| ib_dereg_mr(), do_exit() | destroy the region; drain; unpin | |
| the device | translate; the write arrives: one DMA in flight | what it writes |

A driver that passes an event on (`notify_wait`) takes no lease: truncate waits until its regions are gone.

Sources: I. Weiny, D. Chinner, M. Wilcox, "RDMA/FS DAX truncate proposal", June 2019; J. Glisse, J. Gunthorpe, J. Hubbard,
"mm: introduce put_user_page*()", 2018-12-12; Linux v4.19 to v6.8 (fs/locks.c, fs/dax.c, fs/xfs/xfs_file.c).
"""

from __future__ import annotations

from explorer.errors import UsageError
from explorer.language import Model
from explorer.models.linux.break_layouts import Error, Truncate
from explorer.models.linux.designs import Design, Force, Holder, TruncateInUse
from explorer.models.linux.designs import design as design_named
from explorer.models.linux.kernels import V5_4, Kernel
from explorer.models.linux.region_holder import UserUnpins, holder_actors, not_applicable, region_holder
from explorer.models.linux.storage import Fs, Storage
from explorer.models.linux.storage_device import ErrorTlp

LEASE = design_named("lease")
FIXED: dict[str, object] = {"user_unpins": UserUnpins.WHEN_TOLD}
PROPERTIES = (
    "pin_allowed",
    "truncate_progress",
    "truncate_not_refused",
    "app_survives",
    "no_silent_dma_loss",
    "no_stale_storage_dma",
    "gup_progress",
)


def layout_lease(
    *,
    design: Design = LEASE,
    kernel: Kernel = V5_4,
    fs: Fs = Fs.XFS,
    holders: int = 1,
    holder_truncates: bool = True,
    lease_binds_owner: bool = True,
    lease_replaces_wait: bool = True,
    gup_fast: bool = True,
    user_unpins: UserUnpins = UserUnpins.PERHAPS,
    error_tlp: ErrorTlp = ErrorTlp.FATAL,
    fd_shared: bool = False,
) -> Model:
    """Processes take layout leases on a file on DAX before they pin it; somebody truncates it, perhaps one of them.

    Parameters:
        design: lease, lease_exclusive, notify_wait, lease_timeout_kill, or with others, as lease+iommu_abort
        kernel: supplies what the design leaves open, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        fs: xfs or ext4, whose truncate waits for pages in use from v4.18 and v4.19
        holders: 1 or 2 processes with a device and a lease each
        holder_truncates: a holder may be the one that truncates
        lease_binds_owner: a holder's own truncate is stopped by its lease too
        lease_replaces_wait: truncate that no exclusive lease stops does not look for pages in use
        gup_fast: the pin tries GUP-fast first
        user_unpins: perhaps (when it likes, or never), when_told (some time after it was told) or eventually
        error_tlp: an aborted DMA is reported, fatal (takes the device down) or ignored (its completion says success)
        fd_shared: another process has the first device's file open too, by fork or SCM_RIGHTS
    """
    if holders not in (1, 2):
        raise UsageError(f"holders must be 1 or 2, not {holders}")
    m = Model()
    storage = Storage(m, design.kernel(kernel), fs=fs)
    all_holders = tuple(
        region_holder(m, storage, design, number=number, error_tlp=error_tlp, fd_shared=fd_shared and number == 1)
        for number in range(1, holders + 1)
    )
    truncate = Truncate(
        m,
        storage,
        all_holders,
        design,
        by_holder=holder_truncates,
        lease_binds_owner=lease_binds_owner,
        lease_replaces_wait=lease_replaces_wait,
    )

    for holder in all_holders:
        holder_actors(m, holder, user_unpins, fast=gup_fast)

    @m.thread("truncate", fairness="weak")
    async def run_truncate() -> None:
        await truncate.run()

    if design.truncate is TruncateInUse.DEFERS:

        @m.thread("kworker", fairness="weak")
        async def kworker() -> None:
            await truncate.free_later()

    m.excludes = not_applicable(design, PROPERTIES)
    told = design.holder is not Holder.NOT_TOLD
    if not m.excludes and not told and design.name != "none":
        m.excludes = dict.fromkeys(PROPERTIES, f"{design} has nothing to do with leases")
    first = all_holders[0]
    no_lease = "" if first.takes_lease else f"{design} takes no lease"
    bound = "the lease binds its holder" if lease_binds_owner and design.force is Force.NONE else ""
    not_told = "" if told and design.holder is not Holder.EXCLUSIVE and first.pins_for_long else "nobody is told"
    m.reachable(
        "truncate_meets_all_leases", lambda: truncate.called and all(h.lease for h in all_holders), unless=no_lease
    )
    m.reachable("all_holders_are_told", lambda: all(h.user.told for h in all_holders), unless=not_told)
    m.reachable(
        "a_holder_truncates_its_own_lease",
        # between i_size_write() and the return the inode lock is held, under which no lease can be taken
        lambda: (
            storage.truncated and storage.inode_locked and any(h.lease and truncate.called_by(h) for h in all_holders)
        ),
        unless=no_lease or bound or ("" if holder_truncates else "no holder truncates"),
    )
    m.reachable("truncate_frees", lambda: truncate.freed)
    m.reachable(
        "truncate_is_refused",
        lambda: truncate.error == Error.ETXTBSY,
        unless="" if design.holder is Holder.EXCLUSIVE else f"{design} does not refuse",
    )
    m.scope = f"order-0 pages; {holders} process{'es' * (holders > 1)}, 1 page of DAX, 1 truncate"
    return m
