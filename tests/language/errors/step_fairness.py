"""A step's own fairness that does not exist."""

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
        await step("go", fairness="weak")
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
step_fairness.py:20: fairness= of a step must be 'strong' or left out, not 'weak'
    await step("go", fairness="weak")
                              ^^^^^^
"""
