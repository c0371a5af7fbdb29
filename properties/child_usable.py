"""CHILD_USABLE: fork gives the child all of the memory."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.memory import Memory
from explorer.models.linux.parent_child import ForkHistory, Process


@always
def child_usable(memory: Memory, history: ForkHistory) -> bool:
    """The child's access to memory that its parent had mapped at fork is not fatal.

    Harm: the child takes SIGSEGV on memory its parent had

    The child has taken no SIGSEGV. MADV_DONTFORK gives this up by contract; other data on the same page goes with it.

    "If a child process accesses memory that was MADV_DONTFORK, it will get a segmentation fault, since those address
    ranges are no longer valid in the child after fork." (commit d2cd9ede6e19); a child "would be very surprised that
    'b' was not mapped into the fork" (J. Gunthorpe, 2020-09-18, mm: Trial do_wp_page() simplification).
    """
    return not memory.sigsegv[Process.CHILD]
