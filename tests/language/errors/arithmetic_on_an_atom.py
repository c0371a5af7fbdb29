"""The frame after a frame."""

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
        f = choose(mm.frames)
        mm.free[f + 1] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
arithmetic_on_an_atom.py:29: an integer is needed here, not a Frame: the values of a scalarset have no order and no arithmetic; they can be compared for equality, used as an index and chosen
    mm.free[f + 1] = False
            ^^^^^
"""
