"""A property that reads an attribute of None."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, always, optional, record, step, var


class Frame(Atom):
    pass


@record
class Pte:
    frame: Frame
    writable: bool


@always
def writable(mm: Machine) -> bool:
    """The page is writable."""
    return mm.pte.writable


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        frames = Scalarset(Frame, 2)
        self.frames = frames
        self.pte = var(optional(Pte), Pte(frames.first, True))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("unmap")
        mm.pte = None

    m.require(writable(mm))

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
none_in_a_property.py:21: mm.pte is None, which has no attribute 'writable'
    return mm.pte.writable
           ^^^^^^^^^^^^^^^
"""
