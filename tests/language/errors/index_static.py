"""A static index outside its sort."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.a[2] = True

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
index_static.py:21: index 2 is outside mm.a, whose index sort is 0..1
    mm.a[2] = True
    ^^^^^^^
"""
