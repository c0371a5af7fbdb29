"""The words of the litmus language: its operations and predicates, how each is written, and who may do it."""

from __future__ import annotations

import errno
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """How an operation is written: `usage` in words, its `arguments` by kind, and the `flags` that may follow.

    `by`: "process", "device" or "kernel". `one_of`: words of which exactly one follows the arguments.
    """

    by: str
    usage: str
    arguments: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    device: bool = False  # `for DEV1` may follow


OPERATIONS = {
    "store": Form("process", "store x v", ("location", "value")),
    "load": Form("process", "load x", ("location",)),
    "fork": Form("process", "fork P1", ("process",)),
    "exit": Form("process", "exit"),
    "wait": Form("process", "wait P1", ("process",)),
    "munmap": Form("process", "munmap x", ("location",)),
    "mprotect": Form("process", "mprotect x r|rw", ("location",), one_of=("r", "rw")),
    "madvise": Form(
        "process",
        "madvise x dontfork|wipeonfork|dontneed|pageout|mergeable",
        ("location",),
        one_of=("dontfork", "wipeonfork", "dontneed", "pageout", "mergeable"),
    ),
    "clear_refs": Form("process", "clear_refs"),
    "msync": Form("process", "msync x", ("location",)),
    "fsync": Form("process", "fsync F", ("file",)),
    "truncate": Form("process", "truncate F N", ("file", "number")),
    "extend": Form("process", "extend F N", ("file", "number")),
    "read": Form("process", "read F", ("file",)),
    "drop_caches": Form("process", "drop_caches"),
    "map": Form("process", "map x F shared|private", ("location", "file"), one_of=("shared", "private")),
    "pin": Form(
        "process",
        "pin x [write] [longterm] [fast] [for DEV1]",
        ("location",),
        ("write", "longterm", "fast"),
        device=True,
    ),
    "unpin": Form("process", "unpin x", ("location",)),
    "get": Form("process", "get x [write] [fast]", ("location",), ("write", "fast")),
    "put": Form("process", "put x", ("location",)),
    "vmsplice": Form("process", "vmsplice x", ("location",)),
    "pipe_read": Form("process", "pipe_read"),
    "o_direct_read": Form("process", "o_direct_read x [fuse]", ("location",), ("fuse",)),
    "o_direct_write": Form("process", "o_direct_write x [fuse]", ("location",), ("fuse",)),
    "set_page_dirty": Form("process", "set_page_dirty x", ("location",)),
    "dma_write": Form("device", "dma_write x v", ("location", "value")),
    "dma_read": Form("device", "dma_read x", ("location",)),
    "writeback": Form("kernel", "writeback F", ("file",)),
    "reclaim": Form("kernel", "reclaim x", ("location",)),
    "ksm_merge": Form("kernel", "ksm_merge x y", ("location", "location")),
    "migrate": Form("kernel", "migrate x", ("location",)),
}
BY = {
    "process": "a process (P0, P1.a, ...)",
    "device": "a device (DEV, DEV1, ...)",
    "kernel": "the kernel (K)",
}


@dataclass(frozen=True)
class Shape:
    """How a predicate is written. `takes`: "pages" (P0:x, `number` of them), "process", "actor", "location" or "file"."""

    usage: str
    takes: str
    number: int = 1


PREDICATES = {
    "same-frame": Shape("same-frame(P0:x, P1:x)", "pages", 2),
    "moved": Shape("moved(P0:x)", "pages"),
    "stale": Shape("stale(P0:x)", "pages"),
    "segv": Shape("segv(P1)", "process"),
    "sigbus": Shape("sigbus(P1)", "process"),
    "blocked": Shape("blocked(P1)", "actor"),
    "disk": Shape("disk(F) = v", "file"),
    "dirty": Shape("dirty(x)", "location"),
    "clean": Shape("clean(x)", "location"),
    "orphan": Shape("orphan(x)", "location"),
}
KEYWORDS = ("mm", "ordered", "exists", "forall", "expect", "file", "none", "for")
ERRNOS = frozenset(name for name in dir(errno) if name.startswith("E"))
RETURNED = ("EAGAIN", "EBUSY", "EFAULT", "EINVAL", "EIO", "ENOMEM", "ENOSPC", "EOPNOTSUPP", "EPERM", "ETXTBSY")
