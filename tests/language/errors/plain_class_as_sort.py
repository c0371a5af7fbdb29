"""A plain class is no sort."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.language import Model, Part, var


@dataclass
class Entry:
    level: bool


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.e = var(Entry, Entry(False))


def model() -> Model:
    m = Model()
    Machine(m)
    return m
