"""A process that has a mapped DAX file as the buffer of a device: it pins, programs, lets go or not, and may be killed.

| kernel | here | abstracted away |
|---|---|---|
| check_vma_flags() | one step; -EOPNOTSUPP for a long-term pin | |
| GUP-fast: the entry; the reference; the entry again | a step each | interrupts off |
| follow_page_mask(); a fault | one step; those of the fault | mmap_lock: nobody takes it for write |
| programming the device | one step | how |
| ib_dereg_mr() | destroy the region; the device is quiet; unpin | set_page_dirty(), see the models of writeback |
| direct I/O | pin; one transfer; unpin when it is complete | buffers of several pages; waiting in exit_aio() |
| F_SETLEASE with F_LAYOUT, F_UNLCK (proposed) | a step each, under the inode lock | counts of one holder's leases |
| do_exit(): exit_mm(), exit_files(), release of the last fd | a step each; then as ib_dereg_mr() | other files and threads |
| SCM_RIGHTS, fork | another process has the fd too and closes it when it likes | |

Sources: Linux v4.19 to v6.8 (mm/gup.c, kernel/exit.c, drivers/infiniband/core/umem.c); I. Weiny, "RDMA/FS DAX truncate
proposal", June 2019.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, Range, optional, step, var
from explorer.models.linux.designs import Design, Holder, Question, Translation, TruncateInUse
from explorer.models.linux.pin_request import PinRequest
from explorer.models.linux.rules.file import IdleCount
from explorer.models.linux.storage import Block, FileUser, Storage
from explorer.models.linux.storage_device import ErrorTlp, Route, StorageDevice


class UserUnpins(Enum):
    """When a user gives up what it holds. PERHAPS: whenever it likes, or never. WHEN_TOLD: some time after it was told."""

    PERHAPS = "perhaps"
    WHEN_TOLD = "when_told"
    EVENTUALLY = "eventually"


class RegionHolder(Part):
    """What `user` holds for `device`: the pinned block, a lease, references of the device's file.

    `asks`: the request for the pin. `registering`: from the start of the system call until the region is gone. `decided`: the
    user has decided to let go. `fd_shared`: another process has the device's file open too. `again`: direct I/O is done over
    and over.
    """

    def __init__(
        self,
        m: Model,
        user: FileUser,
        device: StorageDevice,
        design: Design,
        name: str,
        *,
        fd_shared: bool = False,
        again: bool = False,
    ) -> None:
        super().__init__(m, name)
        self.user, self.device, self.design = user, device, design
        self.storage, self.kernel = user.storage, user.storage.kernel
        self.asks = PinRequest(m, f"{name}_request")
        self.shared, self.again = fd_shared, again
        self.longterm = design.translation is not Translation.SHORT
        self.pins_for_long = design.translation is Translation.PINNED
        self.takes_lease = design.holder in (Holder.LEASE, Holder.EXCLUSIVE) and self.pins_for_long
        self.block: Block | None = var(optional(self.storage.blocks), None)
        self.registering = var(bool, False)
        self.pinning = var(bool, False)
        self.decided = var(bool, False)
        self.lease = var(bool, False)
        self.fds = var(Range(0, 2), 2 if fd_shared else 1)

    # ------------------------------------------------------------ pinning

    async def register(self, fast: bool) -> None:
        """drivers/infiniband/core/umem.c:ib_umem_get(): and what a user does before it; or bio_iov_iter_get_pages()."""
        if self.takes_lease:
            await step("fcntl(F_SETLEASE)", when=lambda: not self.storage.inode_locked, fairness="strong")
            self.lease = not self.user.unmapped  # by another thread, which closed the file too
        await step("ib_umem_get" if self.longterm else "bio_iov_iter_get_pages")
        self.registering = True
        if self.design.translation is Translation.ODP:
            self.device.programmed = True
            return
        self.pinning = True
        got = False
        if fast and not (self.longterm and self.refused()):
            got = await self.gup_pte_range()
        if not got:
            await self.get_user_pages()
        if self.block is None:
            self.registering = False
            return
        await step("program the device")
        self.device.block = self.block
        self.device.programmed = True

    def asking(self) -> bool:
        """GUP has not returned yet, or the device waits for a page."""
        return self.pinning or (self.design.translation is Translation.ODP and self.device.requesting)

    def refused(self) -> bool:
        """A long-term pin is."""
        return (self.storage.dax and self.kernel.refuse_longterm_dax) or self.kernel.refuse_longterm  # ablation

    async def gup_pte_range(self) -> bool:
        """mm/gup.c:gup_pte_range(): False: the page is left to the slow path."""
        await step("ptep_get_lockless")
        entry = self.user.pte
        if entry is None:
            return False
        await step("try_grab_page")
        mapped = any(user.pte == entry for user in self.storage.users)
        if self.kernel.dax_idle_refcount == IdleCount.ZERO and self.storage.references[entry] == 0 and not mapped:
            return False
        self.storage.references[entry] += 1
        if self.kernel.gup_fast_pte_recheck:  # ablation
            await step("read the pte again")
            if self.user.pte != entry:
                self.storage.references[entry] -= 1
                return False
        self.block = entry
        self.pinning = False
        return True

    async def get_user_pages(self) -> None:
        """mm/gup.c:__get_user_pages()"""
        await step("check_vma_flags")
        if self.longterm and self.refused():
            self.asks.refused = True
            self.pinning = False
            return
        faulted = True
        while self.block is None and faulted:
            await step("follow_page_mask")
            entry = self.user.pte
            if entry is None:
                faulted = await self.storage.dax_iomap_fault(self.user)
            else:
                self.storage.references[entry] += 1
                self.block = entry
        self.pinning = False

    # ------------------------------------------------------------ letting go

    async def release(self) -> None:
        """drivers/infiniband/core/umem.c:ib_umem_release(): and the end of the region in the device, before it."""
        device = self.device
        await step("destroy the region")
        device.programmed = False
        if device.translation is Translation.ODP or self.kernel.drain_before_unpin:  # ablation
            await device.drain()
        device.block = None
        if device.translation is not Translation.ODP:
            await step("unpin_user_pages")
            self.unpin()
        self.registering = False
        device.route = Route.BLOCK

    def unpin(self) -> None:
        """mm/gup.c:unpin_user_page()"""
        block = self.block
        assert block is not None, "a page is released that GUP did not give"
        self.storage.references[block] -= 1
        self.block = None

    async def bio_endio(self) -> None:
        """block/bio.c:bio_release_pages(): when the one transfer is complete."""
        await step("bio_release_pages", when=lambda: self.device.stopped)
        self.device.programmed = False
        self.device.route = Route.BLOCK
        self.unpin()
        self.registering = False

    async def munmap(self) -> None:
        """mm/mmap.c:do_munmap(): and close() of the file, with its lease; the region stays."""
        await self.user.zap_pte_range()
        self.user.unmapped = True
        self.lease = False

    async def do_exit(self) -> None:
        """kernel/exit.c:do_exit(): the memory goes first, then the files; the last user of the device's file ends the region."""
        await self.user.exit_mm()
        await step("exit_files")
        self.lease = False
        await self.close()

    async def close(self) -> None:
        """fs/file_table.c:fput(): of the device's file."""
        self.fds -= 1
        if self.fds == 0 and self.registering:
            await self.release()

    # ------------------------------------------------------------ the process

    async def run(self, fast: bool) -> None:
        """The process: it registers, goes on, and ends the region or is killed."""
        await self.register(fast)
        if self.design.translation is Translation.SHORT:
            if self.registering:
                await self.bio_endio()
            while self.again and not self.user.killed:
                self.device.stopped = False
                await self.register(fast)
                if self.registering:
                    await self.bio_endio()
        else:
            await step("in user mode", when=lambda: self.decided or self.user.killed, may_wait=True)
            if not self.user.killed:
                if self.registering:
                    await self.release()
                if self.takes_lease:
                    await step("fcntl(F_UNLCK)")
                    self.lease = False
        await step("SIGKILL", when=lambda: self.user.killed, may_wait=True)
        await self.do_exit()

    async def close_elsewhere(self, fair: bool) -> None:
        """The process that has the device's file open too."""
        await step("close", voluntary=not fair, may_wait=True)
        await self.close()

    def can_decide(self) -> bool:
        return (self.registering or self.lease) and not self.decided and not self.user.killed


def holder_actors(m: Model, holder: RegionHolder, unpins: UserUnpins, *, fast: bool) -> None:
    """The process, its device, what the user decides, and who else has the device's file. `fast`: GUP-fast is tried first."""
    user, name = holder.user, holder.user.part_name
    fair = unpins is UserUnpins.EVENTUALLY

    @m.thread(name, fairness="weak")
    async def process() -> None:
        await holder.run(fast)

    @m.thread(holder.device.part_name, fairness="weak")
    async def device() -> None:
        await holder.device.dma()

    if holder.longterm:

        @m.action(
            "decides to let go", actor=name, when=lambda: holder.can_decide(), fairness="weak" if fair else "none"
        )
        def decide() -> None:
            holder.decided = True

        if unpins is UserUnpins.WHEN_TOLD:

            @m.action("lets go when told", actor=name, when=lambda: user.told and holder.can_decide(), fairness="weak")
            def answer() -> None:
                holder.decided = True

    if holder.shared:

        @m.thread(f"{name}_fd", fairness="weak")
        async def elsewhere() -> None:
            await holder.close_elsewhere(fair)


def region_holder(
    m: Model,
    storage: Storage,
    design: Design,
    *,
    number: int = 1,
    error_tlp: ErrorTlp,
    fd_shared: bool = False,
    again: bool = False,
) -> RegionHolder:
    """A process that maps the file, its device, and what it holds for the device."""
    suffix = "" if number == 1 else str(number)
    user = FileUser(m, storage, f"user{suffix}")
    short = design.translation is Translation.SHORT
    device = StorageDevice(
        m,
        user,
        f"{'disk' if short else 'hca'}{suffix}",
        translation=design.translation,
        revocable=design.truncate is TruncateInUse.REVOKES,
        error_tlp=error_tlp,
    )
    return RegionHolder(m, user, device, design, f"region{suffix}", fd_shared=fd_shared, again=again)


def not_applicable(design: Design, properties: tuple[str, ...]) -> dict[str, str]:
    """Property -> reason, of those of a model that the design makes pointless."""
    excuse = design.excuse(Question.STORAGE)
    if excuse:
        return dict.fromkeys(properties, excuse)
    return {"pin_allowed": "nothing is pinned"} if design.translation is Translation.ODP else {}
