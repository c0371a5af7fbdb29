"""A fairness that does not exist."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu", fairness="some")
    async def cpu() -> None:
        await step("go")
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_fairness.py:18: fairness must be 'none', 'weak' or 'strong', not 'some'
    @m.thread("cpu", fairness="some")
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
