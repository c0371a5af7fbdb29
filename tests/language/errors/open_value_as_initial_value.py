"""any_of as an initial value."""

from __future__ import annotations

from explorer.language import Model, Part, any_of, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, any_of(False, True))


def model() -> Model:
    m = Model()
    Machine(m)
    return m
