"""Who moves, copies or changes page table entries, and every kind of entry that there may be then."""

from __future__ import annotations

import pytest

from explorer import Model, check
from explorer.models.linux.access import load
from explorer.models.linux.kernels import V6_18, Kernel
from explorer.models.linux.memory import Swap
from explorer.models.linux.migrate import migrate_page
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, parent_memory
from explorer.models.linux.protect import mremap
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.swap import reclaim_page


def moved(by: str, kernel: Kernel = V6_18) -> Model:
    """A process moves a page while the kernel takes it away."""
    m = Model()
    mm = parent_memory(m, 4, 2, kernel, parent_threads=2, background=True, unmapped=1)
    if by == "reclaim":
        Swap(m, mm, 1)
    StoreHistory(m, mm)

    @m.thread("user")
    async def user() -> None:
        await mremap(mm, Process.PARENT, 0, 1)
        frame = await load(mm, Cpu.PARENT, 1)
        assert frame is not None, "the moved page reads as zero"
        assert mm.data[frame, Half.LOW] == Value.OLD, "the moved page has lost its content"

    @m.thread("kernel")
    async def kernel_() -> None:
        if by == "reclaim":
            await reclaim_page(mm, 0)
        else:
            await migrate_page(mm, 0)

    for name in ("fork_content", "fork_isolation_cpu", "fork_isolation_dma", "child_usable"):
        m.excludes[name] = "nobody forks"
    return m


def verdicts(m: Model) -> dict[str, str]:
    return {p.name: p.verdict.value for p in check(m).properties}


@pytest.mark.parametrize("kernel", [V6_18], ids=["v6.18"])
@pytest.mark.parametrize("by", ["migrate", "reclaim"])
def test_mremap_moves_every_kind(by: str, kernel: Kernel) -> None:
    """The page is where it was moved, whatever its entry was meanwhile."""
    found = verdicts(moved(by, kernel))
    assert found["assertions"] == found["deadlock_freedom"] == "holds"
