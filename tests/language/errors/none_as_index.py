"""None as an index."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, array, optional, step, var


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.free = array(self.frames, bool, lambda f: True)
        self.mapped = var(optional(self.frames), None)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.free[mm.mapped] = False

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
none_as_index.py:27: mm.mapped is None, which is not an index of mm.free
    mm.free[mm.mapped] = False
    ^^^^^^^^^^^^^^^^^^
"""
