"""Assigning a field of a record in a local."""

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
        frames = Scalarset(Frame, 2)
        self.frames = frames
        self.pte = var(Pte, Pte(frames.first, True))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        pte = mm.pte
        pte.writable = False
        mm.pte = pte

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
record_field_of_a_local.py:34: a record is immutable: store a new one, pte = replace(pte, writable=...)
    pte.writable = False
    ^^^^^^^^^^^^
"""
