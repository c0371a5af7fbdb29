"""PIN_ALLOWED: a device gets the memory that it asks for."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.pin_request import PinRequest


@always
def pin_allowed(request: PinRequest) -> bool:
    """A pin of a file mapping is not refused.

    Harm: the application can't use a mapping of a file as a buffer of its device

    get_user_pages() or pin_user_pages() has not failed because of what the VMA maps. What is refused is safe, and of no use.

    "Cases where dma operations are known to not be transient, like RDMA, have been explicitly disabled" (commit
    5fac7408d828).
    """
    return not request.refused
