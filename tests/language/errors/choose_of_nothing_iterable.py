"""choose from something that is no set of values."""

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
        mm.n = choose(3)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_of_nothing_iterable.py:21: 3 has no elements to go over: write range(3)
    mm.n = choose(3)
                  ^
"""
