"""A property that can't be evaluated in the initial state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, step, var


@always
def divides(mm: Machine) -> bool:
    """n divides 6."""
    return 6 % mm.n == 0


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
        mm.n = 1

    m.require(divides(mm))

    return m


PHASE = "search"
EXIT_CODE = 3
MESSAGE = """\
initial_state_in_error.py:11: division by zero: mm.n is 0
    return 6 % mm.n == 0
           ^^^^^^^^
"""
