"""A record in a local may hold what its fields' ranges do not: only storing it in the state is an error."""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, record, replace, step, var


@record
class Entry:
    count: Annotated[int, Range(0, 2)]
    used: bool


class Table(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "table")
        self.entry = var(Entry, Entry(1, False))
        self.n = var(Range(0, 3), 1)


def model() -> Model:
    m = Model()
    table = Table(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("read")
        e = table.entry
        e = replace(e, count=e.count + table.n)
        await step("write")
        if e.count > 2:
            e = replace(e, count=2, used=True)
        table.entry = e
        await step("leave")
        table.entry = replace(e, count=table.n + 1)

    @m.thread("other")
    async def other() -> None:
        await step("set")
        table.n = 0

    return m
