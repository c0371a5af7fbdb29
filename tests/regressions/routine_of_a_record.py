"""An async method of a record read from the state: its local belonged to one reading of it, and lowering did not end."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, record, step, var


@record
class Entry:
    count: Annotated[int, Range(0, 2)]

    async def pause(self, more: int) -> int:
        total = self.count + more
        await step("pause")
        return total


class Table(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "table")
        self.entry = var(Entry, Entry(1))
        self.n = var(Range(0, 4), 0)


def model() -> Model:
    m = Model()
    table = Table(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("read")
        n = await table.entry.pause(table.n)
        table.n = n

    @m.thread("other")
    async def other() -> None:
        await step("set")
        table.entry = Entry(2)
        table.n = 1

    return m
