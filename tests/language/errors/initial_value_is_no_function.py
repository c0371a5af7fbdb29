"""An array whose initial value is no function."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = array(Range(0, 3), Range(0, 2), 0)


def model() -> Model:
    m = Model()
    Machine(m)
    return m
