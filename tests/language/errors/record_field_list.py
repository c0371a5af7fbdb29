"""A record with a list."""

from __future__ import annotations

from explorer.language import Model, Part, record, var


@record
class Entry:
    levels: list[bool]


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.e = var(Entry, Entry([]))


def model() -> Model:
    m = Model()
    Machine(m)
    return m
