"""An attribute of None."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, optional, record, step, var


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
        self.x = var(bool, False)
        self.pte = var(optional(Pte), Pte(frames.first, True))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("unmap")
        mm.pte = None
        await step("use")
        mm.x = mm.pte.writable

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
none_attribute.py:36: mm.pte is None, which has no attribute 'writable'
    mm.x = mm.pte.writable
           ^^^^^^^^^^^^^^^
"""
