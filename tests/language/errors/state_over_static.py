"""A name that is a static value and state."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = 3
        self.x = var(bool, True)


def model() -> Model:
    m = Model()
    Machine(m)
    return m
