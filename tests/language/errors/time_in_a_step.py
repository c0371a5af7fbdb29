"""The time of day in a step."""

from __future__ import annotations

import time

from explorer.language import Model, Part, Range, step, var


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
        box.count = int(time.time()) % 4

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
time_in_a_step.py:23: time.time() is not part of the language; of Python's own functions these are: abs, all, any, bool, enumerate, frozenset, int, isinstance, len, list, max, min, range, reversed, set, str, sum, tuple, zip
    box.count = int(time.time()) % 4
                    ^^^^^^^^^^^
"""
