"""before in a coroutine."""

from __future__ import annotations

from explorer.language import Model, Part, before, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = before(lambda: mm.x)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
before_in_a_step.py:21: before(...) has a meaning only in a property of steps, @always_step: a step keeps what it read in a local
    mm.x = before(lambda: mm.x)
           ^^^^^^^^^^^^^^^^^^^^
"""
