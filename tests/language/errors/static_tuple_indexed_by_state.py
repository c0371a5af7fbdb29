"""A static tuple indexed by a value that depends on the state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)
        self.limits = (1, 2)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.n = mm.limits[mm.n]

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
static_tuple_indexed_by_state.py:22: only arrays of state can be indexed by a value that depends on the state, and mm.limits is a tuple: declare self.a = array(index, element, init)
    mm.n = mm.limits[mm.n]
           ^^^^^^^^^^^^^^^
"""
