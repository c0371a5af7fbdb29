"""An initial value whose function raises."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = array(Range(0, 3), Range(0, 2), lambda i: (0, 1)[i])


def model() -> Model:
    m = Model()
    Machine(m)
    return m
