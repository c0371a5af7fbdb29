"""A scalarset of size 0."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, array


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.free = array(Scalarset(Frame, 0), bool, lambda f: True)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
scalarset_without_values.py:15: Scalarset(Frame, size) must have a size of at least 1, not 0
    self.free = array(Scalarset(Frame, 0), bool, lambda f: True)
                      ^^^^^^^^^^^^^^^^^^^
"""
