"""getattr() with a computed name."""

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
        setattr(box, "count", 1)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
getattr_of_state.py:21: setattr() is not part of the language; of Python's own functions these are: abs, all, any, bool, enumerate, frozenset, int, isinstance, len, list, max, min, range, reversed, set, str, sum, tuple, zip
    setattr(box, "count", 1)
    ^^^^^^^^^^^^^^^^^^^^^^^^
"""
