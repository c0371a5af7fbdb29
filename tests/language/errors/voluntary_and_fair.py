"""A step that a user decides, and that is handed to who waits."""

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
        await step("go", voluntary=True, fairness="strong")
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
voluntary_and_fair.py:20: a voluntary step is outside any fairness: leave out fairness=
    await step("go", voluntary=True, fairness="strong")
                                              ^^^^^^^^
"""
