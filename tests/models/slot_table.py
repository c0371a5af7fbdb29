"""A table of slots: a client tries one after the other and takes the first that is free, or gives up for now.

Looking and taking are one step; with `atomic` False they are two, and a slot gets two owners.
"""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Range, Scalarset, Sort, always, array, pairs, step


class Client(Atom): ...


class Table(Part):
    def __init__(self, m: Model, clients: Sort[Client], slots: int, atomic: bool) -> None:
        super().__init__(m, "table")
        self.clients, self.slots, self.atomic = clients, slots, atomic
        self.owns = array(pairs(clients, Range(0, slots - 1)), bool, lambda cell: False)

    def is_free(self, slot: int) -> bool:
        return not any(self.owns[c, slot] for c in self.clients)

    async def take(self, c: Client) -> int | None:
        """The slot taken, None if all were in use when looked at."""
        for slot in range(self.slots):
            await step(f"look at slot {slot}")
            if not self.is_free(slot):
                continue
            if not self.atomic:
                await step(f"take slot {slot}")
            self.owns[c, slot] = True
            return slot
        return None


@always
def one_owner_each(table: Table) -> bool:
    """A slot has at most one owner."""
    return all(sum(table.owns[c, s] for c in table.clients) <= 1 for s in range(table.slots))


@always
def one_slot_each(table: Table) -> bool:
    """A client has at most one slot."""
    return all(
        not (table.owns[c, s] and table.owns[c, t]) for c in table.clients for s in range(table.slots) for t in range(s)
    )


def slot_table(*, clients: int = 2, slots: int = 2, atomic: bool = True) -> Model:
    """`clients` interchangeable clients take and give back slots for ever."""
    m = Model()
    everyone = Scalarset(Client, clients)
    table = Table(m, everyone, slots, atomic)

    @m.thread("client", c=everyone)
    async def client(c: Client) -> None:
        while True:
            slot = await table.take(c)
            if slot is None:
                await step("give up for now")
                continue
            await step("give back")
            assert table.owns[c, slot], "somebody else gave it back"
            table.owns[c, slot] = False

    m.require(one_owner_each(table), one_slot_each(table))
    m.reachable("all slots in use", lambda: not any(table.is_free(s) for s in range(slots)))
    return m
