"""A field that a record does not have."""

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
        self.x = var(bool, False)
        self.pte = var(Pte, Pte(frames.first, True))


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.pte.writeable

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
unknown_record_field.py:34: a Pte has no attribute 'writeable'; did you mean writable?
    mm.x = mm.pte.writeable
           ^^^^^^^^^^^^^^^^
"""
