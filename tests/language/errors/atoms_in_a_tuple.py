"""A tuple of members of a scalarset that a part keeps."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, array, step


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.free = array(self.frames, bool, lambda f: True)
        self.order = tuple(self.frames)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        for f in mm.order:
            mm.free[f] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
atoms_in_a_tuple.py:27: the values of a scalarset are interchangeable, so a step can't name one: choose it, or read it from the state (only initial values may name one); mm.order is a tuple that holds some
    for f in mm.order:
             ^^^^^^^^
"""
