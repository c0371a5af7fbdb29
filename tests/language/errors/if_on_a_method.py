"""A condition that names a method instead of calling it."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def ready(self) -> bool:
        return not self.x


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        if mm.ready:
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
if_on_a_method.py:24: a condition must be a bool, not the routine ready; call it: mm.ready()
    if mm.ready:
       ^^^^^^^^
"""
