"""What drivers and direct I/O ask for: the rules, what each can be, and the commits that changed it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.language.rules import Rules
from explorer.models.linux.history import Backport, Commit
from explorer.models.linux.rules.declare import off, on, rule, to


class Reference(Enum):
    """The reference that direct I/O takes on the pages of user memory: FOLL_GET or FOLL_PIN."""

    GET = "get"
    PIN = "pin"


@dataclass(frozen=True, kw_only=True)
class Driver(Rules):
    """What who does I/O asks for."""

    umem_gup_fast: bool = rule(
        False,
        "RDMA registration tries GUP-fast first",
        "ib_umem_get()",
        on(
            Commit(
                "4789fcdd14c1",
                "IB/umem: use get_user_pages_fast() to pin DMA pages",
                "v5.6-rc1",
                "R",
                between=("v4.19", "v5.10"),
                note="its id and its release are recalled",
                place=1,
            )
        ),
    )

    umem_force: bool = rule(
        True,
        "RDMA registration of read-only memory asks for FOLL_WRITE with FOLL_FORCE, so that COW is broken",
        "ib_umem_get()",
        off(Commit("b40656aa7d55", "RDMA/umem: remove FOLL_FORCE usage", "v6.2-rc1", "V")),
    )

    copy_on_fork: bool = rule(
        False,
        "RDMA user space learns that fork copies pinned pages, and leaves MADV_DONTFORK out",
        "nldev_sys_get_doit()",
        on(Commit("6cc9e215eb27", "RDMA/nldev: Add copy-on-fork attribute to get sys command", "v5.13-rc1", "V")),
    )

    block_dio: Reference = rule(
        Reference.GET,
        "what direct I/O of block devices and iomap takes",
        "bio_iov_iter_get_pages()",
        to(
            Reference.PIN,
            Commit(
                "1ccf164ec866",
                "block: Use iov_iter_extract_pages() and page pinning in direct-io.c",
                "v6.5-rc1",
                "V",
                place=4,
            ),
        ),
    )

    fuse_dio: Reference = rule(
        Reference.GET,
        "what direct I/O of FUSE takes",
        "fuse_get_user_pages()",
        to(
            Reference.PIN,
            Commit(
                "738adade96b2",
                "fuse: Use iov_iter_extract_pages() in fuse_get_user_pages()",
                "v6.9-rc1",
                "V",
                (Backport("v6.8.y", "R"),),
                note="that 6.8.y got it is recalled",
            ),
        ),
    )
