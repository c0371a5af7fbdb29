"""A record's field that is a range or None: its annotation was refused."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, record, replace, step, var


@record
class Entry:
    limit: Annotated[int, Range(0, 1)] | None
    at: tuple[bool, Annotated[int, Range(0, 2)]] = (False, 0)


class Table(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "table")
        self.entry = var(Entry, Entry(None))


def model() -> Model:
    m = Model()
    table = Table(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("set")
        table.entry = replace(table.entry, limit=1, at=(True, 2))
        await step("leave")
        limit = table.entry.limit
        table.entry = replace(table.entry, limit=None if limit is None else limit + 1)

    return m
