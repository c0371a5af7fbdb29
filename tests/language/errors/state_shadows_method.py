"""State with the name of a method."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.take = var(bool, False)

    def take(self) -> None:
        self.take = True


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.take = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
state_shadows_method.py:11: mm.take is already a method or attribute of the class Machine; a state variable needs a name of its own
    self.take = var(bool, False)
    ^^^^^^^^^
"""
