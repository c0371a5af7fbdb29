"""FORK_ISOLATION_DMA: a device of one process does not write another's memory."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.devices import DmaWriter
from explorer.models.linux.memory import Memory
from explorer.models.linux.parent_child import ForkHistory, Half, Process, Writer


@always
def fork_isolation_dma(memory: Memory, history: ForkHistory, device: DmaWriter) -> bool:
    """After fork, DMA through a process's region never shows in another process's private memory.

    Harm: the device writes a page that the other process can read

    No frame that a process other than the region's owner could read from holds a half last written by DMA since the
    child became runnable. DMA while fork is in progress is allowed either way. Who posted the DMA does not matter: the
    region belongs to the process that registered it.

    "it breaks the fork semantic to write to both processes" (J. Gunthorpe) and "RDMA in the parent might change data in
    the child" (J. Glisse; both in uacce: Add documents for WarpDrive/uacce, 2018-11-19).
    """
    return not any(
        history.written_since_fork[f, half] == Writer.DEVICE and memory.can_read(process, page, f)
        for process in Process
        if process is not device.process
        for page in memory.pages
        for half in Half
        for f in memory.frames
    )
