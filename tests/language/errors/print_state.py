"""A print for debugging."""

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
        print(box.count)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
print_state.py:21: print() is not part of the language; of Python's own functions these are: abs, all, any, bool, enumerate, frozenset, int, isinstance, len, list, max, min, range, reversed, set, str, sum, tuple, zip
    print(box.count)
    ^^^^^^^^^^^^^^^^
"""
