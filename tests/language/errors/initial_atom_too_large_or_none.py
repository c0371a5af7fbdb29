"""An initial atom outside its scalarset, in an optional variable."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, optional, var


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.mapped = var(optional(self.frames), Frame(2))


def model() -> Model:
    m = Model()
    Machine(m)
    return m
