"""Devices that write to a mapped DAX file: by a snapshot of addresses, or by a page table that notifiers keep up to date.

| kernel | here | abstracted away |
|---|---|---|
| memory region, bio | the block that GUP gave, and where the DMA address leads: there, to a dummy page, nowhere | IOVAs |
| DMA write | translate; the write arrives: two steps, so that one can be in flight | more than one |
| completion | success joins the arrival; an abort by the IOMMU is reported, takes the device down, or is not noticed | |
| IOTLB flush, destroying a memory region | later DMA is not translated; then wait for what is in flight | |
| page request (ODP): read_begin, hmm_range_fault(), read_retry | a step each, the steps of the fault | umem_mutex, timeouts |
| invalidation (ODP) | zero the translation; wait for the device | |

Sources: Linux v4.19 to v6.8 (drivers/infiniband/core/umem.c, umem_odp.c, hw/mlx5/odp.c; mm/mmu_notifier.c); J. Glisse,
J. Gunthorpe, J. Hubbard, "mm: introduce put_user_page*()", 2018-12-12.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Range, ghost, optional, step, var
from explorer.language.picture import Arrow, Box
from explorer.models.linux.designs import Translation
from explorer.models.linux.storage import Block, Device, FileUser, block_box


class Route(Enum):
    """Where DMA to the region goes."""

    BLOCK = "to the block"
    DUMMY = "to a dummy page"
    ABORTED = "aborted by the IOMMU"


class ErrorTlp(Enum):
    """What hardware does whose DMA is aborted: a completion with an error; it, or the machine, goes down; nothing."""

    REPORTED = "reported"
    FATAL = "fatal"
    IGNORED = "ignored"


class StorageDevice(Device):
    """A device that writes to the memory of one user. `block`: its translation; None: it has to ask for it (ODP).

    `revocable`: a design may change its `route`, where DMA goes in place of the block.
    `stopped`: a completion had an error, or the one transfer of direct I/O is over. `silently_lost` is history: DMA was
    redirected or aborted, and its completion said success to a process that lives.
    """

    def __init__(
        self,
        m: Model,
        user: FileUser,
        name: str,
        *,
        translation: Translation,
        revocable: bool = False,
        error_tlp: ErrorTlp = ErrorTlp.FATAL,
    ) -> None:
        super().__init__(m, name)
        self.user, self.storage, self.kernel = user, user.storage, user.storage.kernel
        self.translation, self.revocable, self.error_tlp = translation, revocable, error_tlp
        self.programmed = var(bool, False)
        self.route = var(Route, Route.BLOCK)
        self.block: Block | None = var(optional(user.storage.blocks), None)
        self.in_flight: Block | None = var(optional(user.storage.blocks), None)
        self.stopped = var(bool, False)
        self.silently_lost = ghost(var(bool, False))
        if translation is Translation.ODP:
            self.invalidations = var(Range(0, 2), 0)
            self.invalidated = var(bool, False)
            self.requesting = var(bool, False)
            user.notified = self

    # ------------------------------------------------------------ DMA

    async def dma(self) -> None:
        """The device: what was asked for by a peer, at any time, or once."""
        while True:
            await step(
                "translate",
                when=lambda: self.programmed and not self.stopped,
                voluntary=self.translation is not Translation.SHORT,
                may_wait=True,
            )
            if self.revocable and self.route == Route.DUMMY:
                await step("DMA write to the dummy page, completion: success")
                self.lost()
            elif self.revocable and self.route == Route.ABORTED:
                await step("the IOMMU aborts the DMA")
                self.abort()
            elif self.translation is Translation.ODP and self.block is None:
                await self.page_request()
            else:
                self.in_flight = self.block
                await step("DMA write, completion: success")
                found = self.in_flight
                assert found is not None, "what is in flight has an address"
                self.storage.dma_write(found)
                self.in_flight = None
            if self.translation is Translation.SHORT:
                self.stopped = True

    def lost(self) -> None:
        """DMA did not arrive, and its completion says that it did."""
        self.silently_lost = self.silently_lost or not self.user.killed

    def abort(self) -> None:
        if self.error_tlp is ErrorTlp.IGNORED:
            self.lost()
        else:
            self.stopped = True
            self.user.device_lost = self.user.device_lost or self.error_tlp is ErrorTlp.FATAL

    async def drain(self) -> None:
        """Nothing that was translated before is on its way any more."""
        await step("the device is quiet", when=lambda: self.in_flight is None, fairness="strong")

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        name = self.part_name
        rows = ["programmed" if self.programmed else "nothing programmed"]
        rows += [str(self.route.value)] if self.route != Route.BLOCK else []
        arrows = []
        if self.programmed and self.route == Route.BLOCK and self.block is not None:
            arrows.append(Arrow(name, block_box(self.block), "DMA", alarm=self.storage.stray(self.block)))
        if self.in_flight is not None:
            arrows.append(
                Arrow(
                    name, block_box(self.in_flight), "in flight", dashed=True, alarm=self.storage.stray(self.in_flight)
                )
            )
        return Box(name, name.upper(), tuple(rows), "mapper"), tuple(arrows)

    # ------------------------------------------------------------ on-demand paging

    async def page_request(self) -> None:
        """drivers/infiniband/core/umem_odp.c:ib_umem_odp_map_dma_and_lock(): for a translation; an error, if there is none."""
        user = self.user
        self.requesting = True
        while self.block is None and not self.stopped:
            await step("mmu_interval_read_begin", when=lambda: self.invalidations == 0)
            self.invalidated = False
            await step("hmm_range_fault")
            found = user.pte
            if user.unmapped:
                self.stopped = True
            elif found is None:
                mapped = await self.storage.dax_iomap_fault(user)
                self.stopped = not mapped
            else:
                await step("mmu_interval_read_retry")
                if not (self.kernel.odp_read_retry and (self.invalidated or self.invalidations > 0)):  # ablation
                    self.block = found
        self.requesting = False

    async def invalidate_range_start(self) -> None:
        """drivers/infiniband/hw/mlx5/odp.c:mlx5_ib_invalidate_range()"""
        await step("mlx5_ib_invalidate_range")
        self.invalidations += 1
        self.invalidated = True
        self.block = None
        if self.kernel.notifier_waits:  # ablation
            await self.drain()

    def invalidate_range_end(self) -> None:
        """mm/mmu_notifier.c:mn_itree_inv_end()"""
        self.invalidations -= 1
