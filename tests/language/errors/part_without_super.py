"""A part that declares state before super().__init__()."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        self.x = var(bool, False)
        super().__init__(m, "mm")


def model() -> Model:
    m = Model()
    Machine(m)
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
part_without_super.py:10: Machine.__init__ must call super().__init__(model, name) before it sets x
    self.x = var(bool, False)
    ^^^^^^
"""
