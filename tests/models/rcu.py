"""Read-copy-update with two versions: the updater publishes one, waits for the readers, frees the other.

It waits for those readers that were inside when it looked. An updater that does not (`waits` False) frees a version
that a reader still uses.
"""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Range, Scalarset, Sort, always, array, step, var


class Reader(Atom): ...


class Rcu(Part):
    def __init__(self, m: Model, readers: Sort[Reader], waits: bool) -> None:
        super().__init__(m, "rcu")
        self.readers, self.waits = readers, waits
        self.current = var(Range(0, 1), 0)
        self.freed = array(Range(0, 1), bool, lambda v: v == 1)
        self.inside = array(readers, bool, lambda r: False)

    async def synchronize(self) -> None:
        """kernel/rcu/tree.c:synchronize_rcu(): wait for the readers that are inside now."""
        await step("look at the readers")
        old = frozenset(r for r in self.readers if self.inside[r])
        while len(old) > 0:
            await step("wait", when=lambda: any(not self.inside[r] for r in old))  # noqa: B023
            old = frozenset(r for r in old if self.inside[r])

    async def update(self) -> None:
        await step("publish")
        old = self.current
        self.current = 1 - old
        self.freed[1 - old] = False
        if self.waits:
            await self.synchronize()
        await step("kfree")
        self.freed[old] = True


@always
def current_is_allocated(rcu: Rcu) -> bool:
    """The published version is not freed."""
    return not rcu.freed[rcu.current]


def rcu(*, readers: int = 2, waits: bool = True) -> Model:
    """`readers` interchangeable readers and one updater, for ever."""
    m = Model()
    everyone = Scalarset(Reader, readers)
    data = Rcu(m, everyone, waits)

    @m.thread("reader", r=everyone)
    async def reader(r: Reader) -> None:
        while True:
            await step("rcu_read_lock")
            data.inside[r] = True
            await step("rcu_dereference")
            version = data.current
            await step("use")
            assert not data.freed[version], "use after free"
            await step("rcu_read_unlock")
            data.inside[r] = False

    @m.thread("updater")
    async def updater() -> None:
        while True:
            await data.update()

    m.require(current_is_allocated(data))
    m.reachable("freed while somebody reads", lambda: data.freed[0] and any(data.inside[r] for r in everyone))
    return m
