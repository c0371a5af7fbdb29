"""A keyword that step does not have."""

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
        await step("go", wen=lambda: mm.x)
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
step_unknown_keyword.py:20: step takes one label, and when=, voluntary=, may_wait=, fairness=; not wen=: await step("label")
    await step("go", wen=lambda: mm.x)
          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
