"""FORK_CONTENT: the child starts with the parent's memory."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.memory import Memory
from explorer.models.linux.parent_child import ForkHistory, Half, Value


@always
def fork_content(memory: Memory, history: ForkHistory) -> bool:
    """What the child first reads is what the parent's memory held at some time during fork.

    Harm: the child reads what its parent's memory never held during fork

    For every half page: the value of the child's first load, before any store of its own, is one that the half had in
    the parent while fork held mmap_lock. This is the weak form: each half may be of another time, so a copy torn by DMA
    is allowed. It says nothing until the child has read.

    "what the child get can be undefined ie either it get the data before the O_DIRECT finish or it gets the result",
    but a child that gets 0 "breaks application expectation of what fork() do" (J. Glisse, uacce: Add documents for
    WarpDrive/uacce, 2018-11-19).
    """
    return all(
        history.had_in_fork[page, (half, value)]
        for page in memory.pages
        for half in Half
        for value in Value
        if history.first_read[page, half] == value
    )
