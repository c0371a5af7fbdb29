"""An element of an array that leaves its range."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Range, Scalarset, array, choose, step


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.refcount = array(self.frames, Range(0, 4), lambda f: 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("take")
        f = choose(mm.frames)
        mm.refcount[f] += 3
        await step("take again")
        f = choose(mm.frames)
        mm.refcount[f] += 2

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
range_of_an_array.py:30: mm.refcount[frame 0] would become 5; its range is 0..4
    mm.refcount[f] += 2
    ^^^^^^^^^^^^^^^^^^^
"""
