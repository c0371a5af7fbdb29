"""A counter outside, by nonlocal."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    n = 0

    @m.thread("cpu")
    async def cpu() -> None:
        nonlocal n
        await step("go")
        n += 1

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
closure_nonlocal.py:22: nonlocal is not part of the language; declare state in a part: self.x = var(sort, init)
    nonlocal n
    ^^^^^^^^^^
"""
