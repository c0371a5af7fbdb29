"""The condition of a step, evaluated too early."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go", when=not mm.x)
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
when_is_a_bool.py:20: the condition of a step is evaluated when the step is scheduled, not here: write when=lambda: not mm.x
    await step("go", when=not mm.x)
                          ^^^^^^^^
"""
