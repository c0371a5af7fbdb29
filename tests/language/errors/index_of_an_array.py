"""An index outside its sort."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        while True:
            await step("next")
            mm.a[mm.n] = True
            mm.n += 1

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
index_of_an_array.py:23: index 2 is outside mm.a, whose index sort is 0..1
    mm.a[mm.n] = True
    ^^^^^^^^^^
"""
