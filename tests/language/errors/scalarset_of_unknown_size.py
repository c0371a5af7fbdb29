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


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
scalarset_of_unknown_size.py:15: the size of the scalarset Frame is not known here; a part must declare Scalarset(Frame, n) as the index or the element of some state
    self.free = array(Frame, bool, lambda f: True)
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
