"""An initial atom outside its scalarset."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, var


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.mapped = var(self.frames, Frame(2))


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
initial_atom_too_large.py:16: the initial value of mm.mapped must be of the sort frame 0..1, not frame 2: frame 2 is outside the scalarset Frame, which has 2 values
    self.mapped = var(self.frames, Frame(2))
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
