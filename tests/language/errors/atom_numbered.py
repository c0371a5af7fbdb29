"""Numbered members of a scalarset."""

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
        f = choose(f for i, f in enumerate(mm.frames) if i == 0)
        mm.free[f] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
atom_numbered.py:28: enumerate() gives its values an order, and those of a scalarset have none: use the scalarset itself in a comprehension, or choose(...)
    f = choose(f for i, f in enumerate(mm.frames) if i == 0)
                             ^^^^^^^^^^^^^^^^^^^^
"""
