"""The lowest free frame."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Range, Scalarset, array, choose, optional, step, var


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
        f = choose(f for f in mm.frames if all(not mm.free[g] for g in mm.frames if g < f))
        mm.free[f] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
order_of_atoms.py:28: an integer is needed here, not a Frame: the values of a scalarset have no order and no arithmetic; they can be compared for equality, used as an index and chosen
    f = choose(f for f in mm.frames if all(not mm.free[g] for g in mm.frames if g < f))
                                                                                ^^^^^
"""
