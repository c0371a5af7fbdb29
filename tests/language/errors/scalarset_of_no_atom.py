"""A scalarset of an enum."""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, Scalarset, array


class Process(Enum):
    PARENT = 0
    CHILD = 1


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.free = array(Scalarset(Process, 2), bool, lambda f: True)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
scalarset_of_no_atom.py:18: Scalarset(cls, size) must be given a subclass of Atom, not <enum 'Process'>
    self.free = array(Scalarset(Process, 2), bool, lambda f: True)
                      ^^^^^^^^^^^^^^^^^^^^^
"""
