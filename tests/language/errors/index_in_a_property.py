"""A property that reads outside an array."""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, step, var


@always
def clear(mm: Machine) -> bool:
    """The bit is clear."""
    return not mm.a[mm.n]


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
        await step("go")
        mm.n = 2

    m.require(clear(mm))

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
index_in_a_property.py:11: index 2 is outside mm.a, whose index sort is 0..1
    return not mm.a[mm.n]
               ^^^^^^^^^^
"""
