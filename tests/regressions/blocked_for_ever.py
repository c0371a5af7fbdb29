"""A deadlock because nothing can be chosen: the search found it, and CPython said that the thread can move."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step


class Table(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "table")
        self.free = array(Range(0, 1), bool, lambda i: True)


def model() -> Model:
    m = Model()
    table = Table(m)

    @m.thread("taker", who=range(3))
    async def taker(who: int) -> None:
        await step("take")
        slot = choose(i for i in range(2) if table.free[i])
        table.free[slot] = False

    return m
