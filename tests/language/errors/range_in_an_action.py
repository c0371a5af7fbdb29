"""An action that lets a variable leave its range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("count", actor="device", i=range(1, 3))
    def count(i: int) -> None:
        mm.n += i

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_in_an_action.py:20: mm.n would become 4; its range is 0..3
    mm.n += i
    ^^^^^^^^^
"""
