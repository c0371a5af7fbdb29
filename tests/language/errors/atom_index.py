"""The number inside an atom."""

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
        f = choose(f for f in mm.frames if f._index == 0)
        mm.free[f] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
atom_index.py:28: f is a value of a scalarset: its number has no meaning; compare it with ==
    f = choose(f for f in mm.frames if f._index == 0)
                                       ^^^^^^^^
"""
