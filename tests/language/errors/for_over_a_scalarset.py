"""A for statement over a scalarset: its values have no order."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Range, Scalarset, array, optional, step, var


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.free = array(self.frames, bool, lambda f: True)
        self.refcount = array(self.frames, Range(0, 4), lambda f: 0)
        self.mapped = var(optional(self.frames), None)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        for f in mm.frames:
            mm.free[f] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
for_over_a_scalarset.py:28: a for statement runs in an order, and the values of the scalarset Frame have none: write any(...), all(...), sum(...) or choose(...)
    for f in mm.frames:
             ^^^^^^^^^
"""
