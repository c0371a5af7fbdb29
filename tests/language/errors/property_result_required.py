"""The value of a condition that is required."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.limit = 3


def model() -> Model:
    m = Model()
    mm = Machine(m)

    m.require(mm.limit == 3)

    return m
