"""A pair outside its index sort."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, pairs, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)
        self.a = array(pairs(Range(0, 1), Range(0, 1)), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("next")
        i = choose(range(3))
        mm.a[mm.n, i] = True

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
index_of_a_pair.py:23: the index (mm.n, i) is outside mm.a, whose index sort is (0..1, 0..1)
    mm.a[mm.n, i] = True
    ^^^^^^^^^^^^^
"""
