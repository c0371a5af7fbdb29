"""A field that a record does not have, in replace."""

from __future__ import annotations

from explorer.language import Atom, Model, Part, Scalarset, record, replace, step, var


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
        mm.pte = replace(mm.pte, writeable=True)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
unknown_field_in_replace.py:33: Pte has no field 'writeable'; it has frame, writable
    mm.pte = replace(mm.pte, writeable=True)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
