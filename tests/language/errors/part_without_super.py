"""A part that declares state before super().__init__()."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        self.x = var(bool, False)
        super().__init__(m, "mm")


def model() -> Model:
    m = Model()
    Machine(m)
    return m
