"""A scalarset that no part gives a size."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, array


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.free = array(Frame, bool, lambda f: True)


def model() -> Model:
    m = Model()
    Machine(m)
    return m
