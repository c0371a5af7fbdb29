"""subset of int."""

from __future__ import annotations

from explorer.language import Model, Part, subset, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(subset(int), frozenset())


def model() -> Model:
    m = Model()
    Machine(m)
    return m
