"""The condition of a step with a parameter."""

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
        await step("go", when=lambda x: x)
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
when_with_parameter.py:20: the condition of a step takes no parameters, it reads the names around it: write when=lambda: ...
    await step("go", when=lambda x: x)
                          ^^^^^^^^^^^
"""
