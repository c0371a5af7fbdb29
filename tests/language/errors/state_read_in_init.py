"""State read while the part is made."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.y = var(bool, not self.x)


def model() -> Model:
    m = Model()
    Machine(m)
    return m
