"""A member of a scalarset that the model function names."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, array, step


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.free = array(self.frames, bool, lambda f: True)


def model() -> Model:
    m = Model()
    mm = Machine(m)
    first = mm.frames.first

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.free[first] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
atom_of_the_model_function.py:27: the values of a scalarset are interchangeable, so a step can't name one: choose it, or read it from the state (only initial values may name one); first is one
    mm.free[first] = False
            ^^^^^
"""
