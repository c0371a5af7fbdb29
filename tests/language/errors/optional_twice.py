"""optional of optional."""

from __future__ import annotations

from explorer.language import Model, Part, optional, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(optional(optional(bool)), None)


def model() -> Model:
    m = Model()
    Machine(m)
    return m
