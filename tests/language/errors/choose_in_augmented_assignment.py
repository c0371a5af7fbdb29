"""choose in an augmented assignment."""

from __future__ import annotations

from explorer.language import Model, Part, Range, choose, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.n += choose((1, 2))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_in_augmented_assignment.py:21: choose(...) stands alone on the right of = or in return, x = choose(...), never inside an expression, a condition or a property
    mm.n += choose((1, 2))
            ^^^^^^^^^^^^^^
"""
