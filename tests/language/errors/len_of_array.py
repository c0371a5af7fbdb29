"""sorted() of an array."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = array(Range(0, 2), Range(0, 3), lambda i: 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        x = sorted(box.count)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
len_of_array.py:21: sorted() is not part of the language; of Python's own functions these are: abs, all, any, bool, enumerate, frozenset, int, isinstance, len, list, max, min, range, reversed, set, str, sum, tuple, zip
    x = sorted(box.count)
        ^^^^^^^^^^^^^^^^^
"""
