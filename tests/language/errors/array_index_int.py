"""An array over int."""

from __future__ import annotations

from explorer.language import Model, Part, array


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = array(int, bool, lambda i: False)


def model() -> Model:
    m = Model()
    Machine(m)
    return m
