"""A class pattern."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, record, step, var


class Frame(Atom):
    pass


@record
class Pte:
    frame: Frame
    writable: bool


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, 2)
        self.x = var(bool, False)
        self.pte = var(Pte, Pte(self.frames.first, True))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        match mm.pte:
            case Pte(writable=True):
                mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
match_class_pattern.py:34: a class pattern with fields is not part of the language; match on enum members, literals, classes of records as in Pte(), | and _
    case Pte(writable=True):
         ^^^^^^^^^^^^^^^^^^
"""
