"""A rule that lets a variable leave its range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.rule("count", actor="device", i=range(1, 3))
    def count(i: int) -> None:
        mm.n += i

    return m
