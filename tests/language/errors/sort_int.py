"""int is no sort."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(int, 0)


def model() -> Model:
    m = Model()
    Machine(m)
    return m
