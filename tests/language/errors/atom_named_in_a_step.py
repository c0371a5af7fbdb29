"""A step that names a member of a scalarset."""

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
        mm.free[mm.frames.first] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
atom_named_in_a_step.py:28: the values of a scalarset are interchangeable, so a step can't name one: choose it, or read it from the state (only initial values may name one); mm.frames.first is one
    mm.free[mm.frames.first] = False
            ^^^^^^^^^^^^^^^
"""
