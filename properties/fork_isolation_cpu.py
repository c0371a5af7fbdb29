"""FORK_ISOLATION_CPU: the processes do not see each other's stores."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.memory import Memory
from explorer.models.linux.parent_child import ForkHistory, Half, Process, writer_of


@always
def fork_isolation_cpu(memory: Memory, history: ForkHistory) -> bool:
    """After fork, a store by one process never shows in the other's private memory.

    Harm: one process sees the other's store

    No frame that a process could read from, or that it gave to a pipe, holds a half last written by a CPU of the other
    since the child became runnable. Stores before that, also those through TLB entries that fork has not flushed yet, are
    the parent's past.

    "a child process observing memory modifications done in the parent process the child is not supposed to observe"
    (commit 53a05ad9f21d).
    """
    return not any(
        history.written_since_fork[f, half] == writer_of(other) and memory.can_see(process, page, f)
        for process in Process
        for other in Process
        if other is not process
        for page in memory.pages
        for half in Half
        for f in memory.frames
    )
