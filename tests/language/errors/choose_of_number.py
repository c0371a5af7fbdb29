"""choose() of a number."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        box.count = choose(3)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
choose_of_number.py:21: 3 has no elements to go over: write range(3)
    box.count = choose(3)
                       ^
"""
