"""LOUD: DMA that does not arrive is reported."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.storage_device import StorageDevice


@always
def no_silent_dma_loss(device: StorageDevice) -> bool:
    """DMA that is dropped, aborted or redirected completes with an error, or its process dies.

    Harm: the device reports success for data that is lost

    No completion has said success, to a process that is not killed, for a DMA write that went to a dummy page or that the
    IOMMU aborted. A device that goes down with an error is not silent.

    "That causes silent data corruption for RDMA users - we can't do that." (J. Gunthorpe, "mm: introduce
    put_user_page*()", 2018-12-12).
    """
    return not device.silently_lost
