"""A lambda that is no condition."""

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
        await step("go")
        flip = lambda: not mm.x
        mm.x = flip()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
lambda_elsewhere.py:21: a lambda may stand only where a condition is asked for, when=lambda: ... and before(lambda: ...): write a def outside the coroutine
    flip = lambda: not mm.x
           ^^^^^^^^^^^^^^^^
"""
