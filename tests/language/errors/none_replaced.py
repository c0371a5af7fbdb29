"""replace of None."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, optional, record, replace, step, var


class Frame(Atom):
    pass


@record
class Pte:
    frame: Frame
    writable: bool


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        frames = Scalarset(Frame, 2)
        self.frames = frames
        self.pte = var(optional(Pte), None)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.pte = replace(mm.pte, writable=False)

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
none_replaced.py:33: mm.pte is None, which has no fields to replace
    mm.pte = replace(mm.pte, writable=False)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
