"""An initial value None of a sort without None."""

from __future__ import annotations

from explorer.language import Model, Part, Range, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), None)


def model() -> Model:
    m = Model()
    Machine(m)
    return m
