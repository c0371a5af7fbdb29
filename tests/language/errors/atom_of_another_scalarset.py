"""An index of another scalarset."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, array, choose, step


class Frame(Atom):
    pass


class Page(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.free = array(self.frames, bool, lambda f: True)
        self.pages = Scalarset(Page, 2)
        self.dirty = array(self.pages, bool, lambda p: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        p = choose(mm.pages)
        mm.free[p] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
atom_of_another_scalarset.py:33: a Page is not an index of mm.free, whose index sort is frame 0..1
    mm.free[p] = False
    ^^^^^^^^^^
"""
