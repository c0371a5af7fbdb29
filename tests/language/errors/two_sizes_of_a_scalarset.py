"""One scalarset with two sizes."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Range, Scalarset, array


class Frame(Atom):
    pass


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.free = array(Scalarset(Frame, 2), bool, lambda f: True)
        self.refcount = array(Scalarset(Frame, 3), Range(0, 1), lambda f: 0)


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
two_sizes_of_a_scalarset.py:16: the scalarset Frame has two sizes in one model, 2 and 3; make it once, and give the parts that: Scalarset(Frame, n)
    self.refcount = array(Scalarset(Frame, 3), Range(0, 1), lambda f: 0)
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
