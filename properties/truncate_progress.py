"""TRUNC_PROGRESS: truncate comes to an end."""

from __future__ import annotations

from explorer.language import leads_to
from explorer.models.linux.break_layouts import Error, Truncate


@leads_to
def truncate_progress(truncate: Truncate) -> tuple[bool, bool]:
    """A truncate that was called returns, and if it succeeded the block gets free.

    Harm: truncate waits for ever for who holds the page, or the block is never freed

    Also an error is a return. What a user decides, as to unpin, need not happen unless the model says so.

    "With the solution put forward here you can potentialy wait _forever_ for the driver that holds a pin to drop it."
    (J. Glisse, quoted by D. Chinner in "get_user_pages*() and RDMA: first steps", 2018-10-01); "the filesystem ... needs
    reasonable limits on how long it can wait" (commit 2bb6d2837083).
    """
    return truncate.called, truncate.returned and (truncate.error != Error.NONE or truncate.freed)
