"""The condition of a step as a method."""

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
        await step("go", when=mm.ready)
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
when_is_a_method.py:23: the condition of a step is evaluated when the step is scheduled, not here: write when=lambda: mm.ready()
    await step("go", when=mm.ready)
                          ^^^^^^^^
"""
