"""Truncate, hole punching and umount of a DAX file that a device may write to, as kernels do it and as designs would.

| kernel | here | abstracted away |
|---|---|---|
| xfs_vn_setattr(), ext4_setattr(), fallocate() | inode lock; invalidate_lock; those below | direct I/O of this file |
| dax_layout_busy_page() | unmap; look for references | one page |
| xfs_break_dax_layouts() | unlock, sleep until there are none, or a signal comes; lock, again | |
| i_size_write(); unmap_mapping_range(); freeing the blocks | a step each | truncate_inode_pages(): DAX entries; the transaction |
| evict() at umount | unmap; wait, from v6.15; free the blocks | writeback of the inode |
| break_lease(), a truncate event (proposed) | tell each holder; unlock; wait, or until the time is up; again | |
| SIGKILL to the holders (proposed) | one step | |
| a worker that frees blocks later (proposed) | one step, when no reference is left | |
| redirection to a dummy page, unmapping in the IOMMU (proposed) | one step for each device; then wait for DMA in flight | |

Sources: Linux v4.19 to v6.8 (fs/dax.c, fs/xfs/xfs_file.c, fs/ext4/inode.c); commits 5fac7408d828, 430657b6be89,
0e2f80afcfa6; I. Weiny, D. Chinner, M. Wilcox, "RDMA/FS DAX truncate proposal", June 2019; J. Glisse, J. Gunthorpe,
J. Hubbard, "mm: introduce put_user_page*()", 2018-12-12.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, choose, step, var
from explorer.models.linux.designs import Design, Force, Holder, Translation, TruncateInUse
from explorer.models.linux.region_holder import RegionHolder
from explorer.models.linux.storage import Owner, Storage
from explorer.models.linux.storage_device import Route


class Error(Enum):
    """What truncate returns. EINTR stands for -ERESTARTSYS, which user space may see as -EINTR."""

    NONE = "0"
    ETXTBSY = "-ETXTBSY"
    EINTR = "-EINTR"


class Caller(Enum):
    """Who calls truncate."""

    ANOTHER = "another process"
    HOLDER = "the holder"
    HOLDER2 = "the second holder"


class Reclaiming(Part):
    """Taking its block from the file, while `holders` may use it as their devices' buffers: what truncate and umount share."""

    def __init__(
        self, m: Model, name: str, storage: Storage, holders: tuple[RegionHolder, ...], design: Design
    ) -> None:
        super().__init__(m, name)
        self.storage, self.holders, self.design = storage, holders, design
        self.kernel = storage.kernel
        self.called = var(bool, False)
        self.returned = var(bool, False)
        self.freed = var(bool, False)

    def kernel_waits(self) -> bool:
        """Without a design, pages in use are waited for."""
        raise NotImplementedError

    def waits(self) -> bool:
        """Pages in use are looked for, and waited for."""
        by_kernel = self.design.truncate is TruncateInUse.KERNEL and self.kernel_waits()
        return self.design.truncate is TruncateInUse.WAITS or by_kernel

    async def unmap_and_look(self) -> bool:
        """fs/dax.c:dax_layout_busy_page(): the page is in use."""
        if self.kernel.dax_unmap_first:  # ablation
            await self.storage.unmap_mapping_range()
        await step("dax_layout_busy_page")
        busy = self.storage.busy()
        if not self.kernel.dax_unmap_first:  # ablation
            await self.storage.unmap_mapping_range()
        return busy

    def kill_holders(self) -> None:
        """kernel/signal.c:send_sig(): SIGKILL for those whose devices have the page, or are about to."""
        for holder in self.holders:
            pins = holder.registering and self.design.translation is not Translation.ODP
            holder.user.killed = holder.user.killed or pins

    async def kill_and_go_on(self) -> None:
        """Of the design that waits for the death of the holders only, not for their pins."""
        await step("SIGKILL the holders")
        self.kill_holders()
        await step("wait until they are dead", when=lambda: self.dead())

    def dead(self) -> bool:
        return all(h.user.exited for h in self.holders if h.user.killed)

    async def revoke(self) -> None:
        """Of the designs that take the device's translation away: wherever the block is pinned, programmed already or not."""
        aborts = self.design.force is Force.ABORT
        for holder in self.holders:
            await step("iommu_unmap" if aborts else "redirect DMA to a dummy page")
            if holder.block is not None and holder.block == self.storage.block:
                holder.device.route = Route.ABORTED if aborts else Route.DUMMY
            if self.design.force is not Force.DUMMY_NO_DRAIN:
                await holder.device.drain()

    def free(self) -> None:
        """The file's transaction; a design may leave the block to a worker."""
        deferred = self.storage.dax and self.design.truncate is TruncateInUse.DEFERS
        self.storage.leave_file(Owner.ORPHAN if deferred else Owner.FREE)
        self.freed = not deferred

    # ------------------------------------------------------------ leases and events

    def tell(self) -> None:
        """fs/locks.c:lease_break_callback(): a signal; or a driver's event."""
        for holder in self.holders:
            holder.user.told = holder.user.told or self.minds(holder)

    def minds(self, holder: RegionHolder) -> bool:
        """The holder has to let go: of its lease, or, where its driver gets events, of its region."""
        if self.design.holder is Holder.NOTIFIED:
            return holder.registering and holder.pins_for_long
        return holder.lease and not self.passes(holder)

    def passes(self, holder: RegionHolder) -> bool:
        """The holder's lease is no obstacle."""
        return False

    def unanswered(self) -> bool:
        """Somebody who was told has not let go yet."""
        return any(h.user.told and self.minds(h) for h in self.holders)

    # ------------------------------------------------------------ the block

    async def free_later(self) -> None:
        """A worker: an orphaned block is freed after the last reference."""
        storage = self.storage
        await step("free the block", when=lambda: self.unused_orphan(), may_wait=True)
        orphan = choose(b for b in storage.blocks if storage.owner[b] == Owner.ORPHAN and storage.references[b] == 0)
        storage.owner[orphan] = Owner.FREE
        self.freed = True

    def unused_orphan(self) -> bool:
        storage = self.storage
        return any(storage.owner[b] == Owner.ORPHAN and storage.references[b] == 0 for b in storage.blocks)


class Truncate(Reclaiming):
    """ftruncate(), or fallocate() with FALLOC_FL_PUNCH_HOLE. `called`, then `returned` with `error`; `freed`: the block is.

    `by_holder`: a holder may be the one that calls. `lease_binds_owner`: its own lease stops it too. `lease_replaces_wait`:
    where nobody else's lease is found, an exclusive lease stands for the look at pages in use. `signal`: the caller got one.
    """

    def __init__(
        self,
        m: Model,
        storage: Storage,
        holders: tuple[RegionHolder, ...],
        design: Design,
        *,
        punch: bool = False,
        by_holder: bool = False,
        lease_binds_owner: bool = True,
        lease_replaces_wait: bool = True,
    ) -> None:
        super().__init__(m, "truncate", storage, holders, design)
        self.punch, self.by_holder = punch, by_holder
        self.lease_binds_owner, self.lease_replaces_wait = lease_binds_owner, lease_replaces_wait
        self.error = var(Error, Error.NONE)
        self.caller = var(Caller, Caller.ANOTHER)
        self.callers = tuple(Caller)[: len(holders) + 1]
        self.signal = var(bool, False)

    def kernel_waits(self) -> bool:
        return self.storage.breaks_layouts()

    def interruptible(self) -> bool:
        """The caller sleeps in TASK_INTERRUPTIBLE, as in the kernel."""
        return self.design.truncate is TruncateInUse.KERNEL

    def return_with(self, error: Error) -> None:
        self.storage.invalidating = False
        self.storage.inode_locked = False
        self.error = error
        self.returned = True

    async def run(self) -> None:
        """fs/attr.c:notify_change(): up to its return."""
        await step("fallocate(PUNCH_HOLE)" if self.punch else "ftruncate", voluntary=True, may_wait=True)
        self.called = True
        if self.by_holder:
            self.caller = choose(self.callers)
        await self.storage.inode_lock()
        if self.design.holder is Holder.EXCLUSIVE:
            if self.conflict():
                self.return_with(Error.ETXTBSY)
                return
        elif self.design.holder is not Holder.NOT_TOLD:
            await self.break_lease()
            if self.returned:
                return
        await self.give_up_block()

    # ------------------------------------------------------------ leases and events

    def passes(self, holder: RegionHolder) -> bool:
        """It is the holder's own truncate, which its own lease does not stop."""
        return self.called_by(holder) and not self.lease_binds_owner

    def called_by(self, holder: RegionHolder) -> bool:
        """It is the holder's own call."""
        return self.caller == self.callers[holder.user.number]

    def conflict(self) -> bool:
        """fs/locks.c:any_leases_conflict()"""
        return any(self.minds(h) for h in self.holders)

    async def break_lease(self) -> None:
        """fs/locks.c:__break_lease(): or the truncate event of a driver. Where something can be done to holders, not for ever."""
        patient = self.design.force is Force.NONE
        asked = self.conflict()
        while asked:
            await step("tell the holders")
            self.tell()
            self.storage.inode_locked = False
            await step(
                "wait for the holders" if patient else "wait for the holders, or until the time is up",
                when=lambda: not patient or self.signal or not self.unanswered(),
            )
            if self.unanswered() and self.signal and self.interruptible():
                self.return_with(Error.EINTR)
                return
            answered = not self.unanswered()
            await self.storage.inode_lock()
            asked = self.conflict() and (patient or answered)

    # ------------------------------------------------------------ the block

    async def give_up_block(self) -> None:
        """fs/xfs/xfs_iops.c:xfs_setattr_size(): the inode lock is held."""
        storage = self.storage
        await storage.filemap_invalidate_lock()
        overridden = self.design.holder is Holder.EXCLUSIVE and self.lease_replaces_wait
        if self.design.force is Force.KILL_NO_DRAIN:
            await storage.unmap_mapping_range()
            storage.invalidating = False
            await self.kill_and_go_on()
            await storage.filemap_invalidate_lock()
        elif self.waits() and not overridden:
            await self.break_layouts()
            if self.returned:
                return
        await self.free_block()

    async def break_layouts(self) -> None:
        """fs/xfs/xfs_file.c:xfs_break_dax_layouts(): until no page is in use; the inode lock stays held."""
        storage = self.storage
        busy = await self.unmap_and_look()
        while busy:
            if self.design.force is Force.KILL:
                self.kill_holders()
            if self.design.holder is not Holder.NOT_TOLD:
                self.tell()
            storage.invalidating = False
            await step("wait for pages in use", when=lambda: self.signal or not storage.busy() or self.somebody_came())
            if storage.busy() and self.signal and self.interruptible():
                self.return_with(Error.EINTR)
                return
            await storage.filemap_invalidate_lock()
            busy = await self.unmap_and_look()

    def somebody_came(self) -> bool:
        """Pages are in use by somebody whom the design has not told or killed yet."""
        told = self.design.holder is not Holder.NOT_TOLD
        return any(
            (told and self.minds(h) and not h.user.told)
            or (self.design.force is Force.KILL and h.registering and not h.user.killed)
            for h in self.holders
        )

    async def free_block(self) -> None:
        """From i_size on; both locks are held."""
        storage, design = self.storage, self.design
        if not self.punch:
            await step("i_size_write")
            storage.truncated = True
        await storage.unmap_mapping_range()
        if design.truncate is TruncateInUse.REVOKES:
            await self.revoke()
        await step("orphan the block, return" if design.truncate is TruncateInUse.DEFERS else "free the block, return")
        self.free()
        self.return_with(Error.NONE)


class Umount(Reclaiming):
    """umount(2), which fails with -EBUSY while somebody maps the file. `called`: from when that is known to end."""

    def __init__(self, m: Model, storage: Storage, holders: tuple[RegionHolder, ...], design: Design) -> None:
        super().__init__(m, "umount", storage, holders, design)

    def kernel_waits(self) -> bool:
        return self.kernel.dax_break_layout_final

    def busy(self) -> bool:
        """fs/namespace.c:propagate_mount_busy(): a mapping keeps the file open, and so the mount busy; a lease is of one."""
        return not all(h.user.unmapped and not h.lease for h in self.holders)

    async def run(self, kill: bool) -> None:
        """fs/namespace.c:do_umount(): by an administrator, who kills the users of the filesystem first, or does not."""
        if kill:
            await step("fuser -k", voluntary=True, may_wait=True)
            self.called = True
            for holder in self.holders:
                holder.user.killed = True
            await step("umount", when=lambda: not self.busy())
        else:
            await step("umount", when=lambda: not self.busy(), voluntary=True, may_wait=True)
            self.called = True
        await self.evict()

    async def evict(self) -> None:
        """fs/inode.c:evict(): nobody can map the file any more."""
        storage, design = self.storage, self.design
        if storage.dax:
            if design.holder is Holder.NOTIFIED:
                await self.notify()
            if self.waits():
                await step("dax_break_layout_final")
                if storage.busy() and design.force is Force.KILL:
                    self.kill_holders()
                await step("wait for pages in use", when=lambda: not storage.busy())
            if design.force is Force.KILL_NO_DRAIN:
                await self.kill_and_go_on()
            if design.truncate is TruncateInUse.REVOKES:
                await self.revoke()
        await step("evict, return")
        self.free()
        self.returned = True

    async def notify(self) -> None:
        """Of the design whose drivers get an event. No lease is left to break, for who holds one has the file open."""
        patient = self.design.force is Force.NONE
        await step("tell the holders")
        self.tell()
        await step(
            "wait for the holders" if patient else "wait for the holders, or until the time is up",
            when=lambda: not patient or not self.unanswered(),
        )
