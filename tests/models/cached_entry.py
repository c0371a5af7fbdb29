"""A reader that keeps a copy of a table entry until it is told to forget it.

The copy is a local: None at the start and after an invalidation, what was read otherwise, and that may be None too. A
None is a None, wherever it came from. Invalidating is a step of its own, so the reader may use an old entry.
"""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, always, choose, optional, record, replace, step, var


@record
class Entry:
    value: Annotated[int, Range(0, 2)]
    dirty: bool


class Table(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "table")
        self.entry = var(optional(Entry), None)
        self.stale = var(bool, False)
        self.used = var(optional(Entry), None)


@always
def used_entries_are_fresh(table: Table) -> bool:
    """What was used last is what the table holds: false while an update waits for the reader."""
    return table.used is None or table.used == table.entry


def cached_entry() -> Model:
    """One reader, one writer that never stops."""
    m = Model()
    table = Table(m)

    @m.thread("reader")
    async def reader() -> None:
        cached: Entry | None = None
        while True:
            await step("look up")
            if cached is None:
                cached = table.entry
            await step("use")
            table.used = cached
            if table.stale:
                table.stale = False
                cached = None

    @m.action("update", actor="writer")
    def update() -> None:
        value = choose(v for v in range(3))
        table.entry = Entry(value, True)

    @m.action("write back", actor="disk", when=lambda: table.entry is not None and table.entry.dirty)
    def write_back() -> None:
        entry = table.entry
        assert entry is not None, "nothing to write back"
        table.entry = replace(entry, dirty=False)

    @m.action("evict", actor="disk", when=lambda: table.entry is not None and not table.entry.dirty)
    def evict() -> None:
        table.entry = None

    @m.action("invalidate", actor="writer", when=lambda: not table.stale)
    def invalidate() -> None:
        table.stale = True

    m.require(used_entries_are_fresh(table))
    m.reachable("a dirty entry is used", lambda: table.used == Entry(2, True))
    return m
